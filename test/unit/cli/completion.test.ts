/** What bash and zsh offer for `fwctl-emu`: the generated files, loaded into the shells themselves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeExtras } from '../../extras.ts';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const FILES = join(makeExtras(), 'completion');
const RUN = [process.execPath, MAIN, 'run'];
const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
const bin = mkdtempSync(join(tmpdir(), 'fwctl-emu-bin-'));
writeFileSync(join(bin, 'fwctl-emu'), `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`, { mode: 0o755 });
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
after(() => rmSync(bin, { recursive: true }));
mkdirSync(join(folder, 'folder'));
writeFileSync(join(folder, 'my file.yaml'), '');
after(() => rmSync(folder, { recursive: true }));

/** The command that prints what is offered at the end of each line: one a line, and `@@@` behind those of a line. */
const SHELLS: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
  bash: (lines) => {
    const asked = lines.map((line) => {
      // readline's words: "=" is one of its own
      const words = line.split(/ |(=)/).filter((word) => word !== undefined);
      const given = words.map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(${given}); COMP_CWORD=${words.length - 1}; _fwctl_emu; printf '%s\\n' "\${COMPREPLY[@]}" @@@`;
    });
    return ['bash', '-c', [`. "${FILES}/fwctl-emu.bash"`, ...asked].join('\n')];
  },
  zsh: (lines) => [join(repository, 'test/completion/zsh-matches'), FILES, ...lines],
};

/** The beginning of a line, and all that is offered: exactly, or among others. */
const ROWS: readonly (readonly [string, readonly string[], 'among others'?])[] = [
  ['', ['run', 'serve', 'list'], 'among others'],
  ['unp', ['unplug']],
  ['--lo', ['--log-level']],
  ['--log-level ', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']],
  ['--log-level info do', ['doctor']],
  ['trace --fi', ['--filter', '--fields']],
  ['trace --format p', ['pcapng']],
  ['run --transport=', ['auto', 'cuse', 'fuse', 'seccomp']],
  ['run --transport=c', ['cuse']],
  ['run --abi linux-7', ['linux-7.1', 'linux-7.3']],
  ['run --device conn', ['connectx6dx', 'connectx7']],
  ['run --fault ', ['open:', 'info:', 'rpc:', 'ioctl:']],
  ['run --fault op', ['open:']],
  ['serve --state ', ['folder']],
  ['run --config=my', ['my file.yaml']],
  ['run -c my', ['my file.yaml']],
  ['run --trace=my', ['my file.yaml']],
  ['sweep --json my', ['my file.yaml']],
  ['list --json ', ['--socket'], 'among others'],
  ['taint ', ['clear']],
  ['fault ', ['add', 'list', 'remove', 'release']],
  ['fault add --j', ['--json']],
  ['profile show blue', ['bluefield3']],
  ['check my', ['my file.yaml']],
  ['sweep merge --ju', ['--junit']],
  ['sweep merge my', ['my file.yaml']],
  ['run bas', ['bash'], 'among others'],
  ['run --transport fuse -- bas', ['bash'], 'among others'],
  ['run -- cat my', ['my file.yaml']],
];

for (const [shell, command] of Object.entries(SHELLS)) {
  const skip = spawnSync(shell, ['--version']).status === 0 ? false : `${shell} is not installed`;
  describe(`completion in ${shell}`, { skip }, () => {
    const offered = (lines: readonly string[], before: readonly string[] = []) => {
      const [program = '', ...args] = [...before, ...command(lines.map((line) => `fwctl-emu ${line}`))];
      const { stdout, stderr, status } = spawnSync(program, args, {
        encoding: 'utf8',
        cwd: folder,
        env,
        timeout: 60_000,
      });
      assert.equal(status, 0, stderr);
      const answers = stdout.split('@@@\n');
      assert.equal(answers.length, lines.length + 1, stdout);
      // zsh quotes what it inserts, and offers a directory as such and as a file
      return answers.map((text) => [...new Set(text.replaceAll('\\', '').split('\n').filter(Boolean))].sort());
    };

    it('offers verbs, options, their values, files and commands', () => {
      const answers = offered(ROWS.map(([line]) => line));
      for (const [index, [line, expected, among]] of ROWS.entries()) {
        const have = answers[index] ?? [];
        const compared = among === undefined ? have : have.filter((word) => expected.includes(word));
        assert.deepEqual(compared, [...expected].sort(), `fwctl-emu ${line}`);
      }
    });

    it('asks the emulator that runs for values and faults, and knows how a fault is written', {
      skip: runRefusal(),
    }, () => {
      const script = 'fwctl-emu fault add rpc:error=EIO >/dev/null && "$@"';
      const lines = ['get fwctl0 identity.fw_v', 'set fwctl0 registers.PAOS.oper_s', 'fault remove '];
      const [version, status, fault] = offered(lines, [...RUN, '--', 'sh', '-ec', script, 'sh']);
      assert.deepEqual([version, status, fault], [['identity.fw_version'], ['registers.PAOS.oper_status'], ['1']]);
    });

    it('offers the devices that are here', { skip: runRefusal() }, () => {
      const lines = ['info ', 'get ', 'unplug ', 'set fwctl1 --j'];
      const devices = ['fwctl0', 'fwctl1'];
      assert.deepEqual(offered(lines, [...RUN, '--device', 'connectx6dx,count=2', '--']), [
        devices,
        devices,
        devices,
        ['--json'],
        [],
      ]);
    });
  });
}
