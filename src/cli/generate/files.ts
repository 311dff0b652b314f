/** All generated files of extras/, by path: what scripts/generate-extras writes. */
import { METHODS } from '../../control/methods.ts';
import { openapi } from '../../control/openapi.ts';
import { allDeviceKeys } from '../../host/config/device-keys.ts';
import { catalogueOf } from '../../host/machine/catalogue.ts';
import { DRIVERS } from '../../host/machine/drivers.ts';
import { loadMessages } from '../../host/machine/load-messages.ts';
import { bashCompletion } from './bash-completion.ts';
import { commandTree } from './command-tree.ts';
import { configurationPage, programPage } from './man-pages.ts';
import { SERVICE, SOCKET, UDEV_RULES } from './system-files.ts';
import { wiresharkDissector } from './wireshark.ts';
import { zshCompletion } from './zsh-completion.ts';

export async function generatedFiles(version: string): Promise<ReadonlyMap<string, string>> {
  const keys = allDeviceKeys(catalogueOf(DRIVERS).drivers);
  const tree = await commandTree(version, keys);
  const messages = await loadMessages(DRIVERS);
  return new Map([
    ['extras/man/fwctl-emu.1', programPage(tree, version)],
    ['extras/man/fwctl-emu.yaml.5', configurationPage(version, keys)],
    ['extras/completion/fwctl-emu.bash', bashCompletion(tree)],
    ['extras/completion/_fwctl-emu', zshCompletion(tree)],
    ['extras/systemd/fwctl-emu.service', SERVICE],
    ['extras/systemd/fwctl-emu.socket', SOCKET],
    ['extras/udev/70-fwctl.rules', UDEV_RULES],
    ['extras/wireshark/fwctl-emu.lua', wiresharkDissector([...messages.values()])],
    ['extras/openapi.json', `${JSON.stringify(openapi(version, METHODS), null, 2)}\n`],
  ]);
}
