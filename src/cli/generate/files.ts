/** All generated files of extras/, by path: what scripts/generate-docs writes and its test compares. */
import { openapi } from '../../control/openapi.ts';
import { bashCompletion } from './bash-completion.ts';
import { commandTree } from './command-tree.ts';
import { configurationPage, programPage } from './man-pages.ts';
import { SERVICE, SOCKET, UDEV_RULES } from './system-files.ts';
import { wiresharkDissector } from './wireshark.ts';
import { zshCompletion } from './zsh-completion.ts';

export async function generatedFiles(version: string): Promise<ReadonlyMap<string, string>> {
  const tree = await commandTree(version);
  return new Map([
    ['extras/man/fwctl-emu.1', programPage(tree, version)],
    ['extras/man/fwctl-emu.yaml.5', configurationPage(version)],
    ['extras/completion/fwctl-emu.bash', bashCompletion(tree)],
    ['extras/completion/_fwctl-emu', zshCompletion(tree)],
    ['extras/systemd/fwctl-emu.service', SERVICE],
    ['extras/systemd/fwctl-emu.socket', SOCKET],
    ['extras/udev/70-fwctl.rules', UDEV_RULES],
    ['extras/wireshark/fwctl-emu.lua', wiresharkDissector()],
    ['extras/openapi.json', `${JSON.stringify(openapi(version), null, 2)}\n`],
  ]);
}
