/** scripts/check-layers.mjs: each rule refuses its bad tree, at the right line, and lets the good one pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOnTree } from './tree.ts';

const check = (files: Record<string, string>) => runOnTree('check-layers.mjs', files);

test('this repository keeps the rules of its tree', () => {
  assert.deepEqual(
    check({
      'src/abi/errno.ts': 'export const ERRNO = 1;\n',
      'src/kernel/call.ts': "import { ERRNO } from '../abi/errno.ts';\nexport const call = ERRNO;\n",
      'src/firmware/mlx5/mailbox.ts': 'export interface Mailbox {}\n',
      'src/drivers/mlx5/rpc.ts':
        "import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';\nexport type T = Mailbox;\n",
      'src/drivers/mlx5/driver.ts': "import './rpc.ts';\n",
      'src/host/machine/drivers.ts': "import './drivers/mlx5.ts';\n",
      'src/host/machine/drivers/mlx5.ts':
        "import '../driver-row.ts';\nimport './mlx5/values.ts';\nimport '../../../firmware/mlx5/firmware.ts';\n",
      'src/host/machine/drivers/raw-spec.ts': "import '../../../drivers/raw/driver.ts';\n",
      'src/host/interceptors/trace/hub.ts': "import '../../machine/interceptor.ts';\n",
      'src/emulator/assembly.ts':
        "import { Host } from '../host/machine/host.ts';\nexport const host = () => new Host();\n",
      'src/cli/sweep/sweep.ts': "import '../command.ts';\n",
      'src/transport/native.ts':
        "import { createRequire } from 'node:module';\ncreateRequire('x')('../fwctl_emu.node');\n",
    }),
    { status: 0, said: [] },
  );
});

const refusals: [string, string, string, string][] = [
  [
    'upwards',
    'src/abi/a.ts',
    "// one\nimport { x } from '../kernel/b.ts';\n",
    'src/abi/a.ts:2: abi may not import src/kernel/b.ts',
  ],
  [
    'type imports count',
    'src/kernel/a.ts',
    "import type { X } from '../fwctl/b.ts';",
    'src/kernel/a.ts:1: kernel may not import src/fwctl/b.ts',
  ],
  [
    'over several lines',
    'src/fwctl/a.ts',
    "import {\n  a,\n  b,\n} from '../host/b.ts';",
    'src/fwctl/a.ts:4: fwctl may not import',
  ],
  ['type in place', 'src/fwctl/a.ts', "\ntype X = import('../host/b.ts').X;", 'src/fwctl/a.ts:2: fwctl may not import'],
  ['for its effect', 'src/kernel/a.ts', "import '../host/b.ts';", 'src/kernel/a.ts:1: kernel may not import'],
  [
    'firmware imports abi alone',
    'src/firmware/m/a.ts',
    "import { Errno } from '../../kernel/errno.ts';",
    'firmware may not import src/kernel/errno.ts',
  ],
  [
    'drivers see the door only',
    'src/drivers/mlx5/a.ts',
    "import { f } from '../../firmware/mlx5/command-table.ts';",
    'drivers may not import src/firmware/mlx5/command-table.ts',
  ],
  [
    "another firmware's door",
    'src/drivers/raw/a.ts',
    "import { f } from '../../firmware/mlx5/mailbox.ts';",
    'drivers may not import src/firmware/mlx5/mailbox.ts',
  ],
  [
    'no other driver',
    'src/drivers/mlx5/a.ts',
    "import { f } from '../pds/b.ts';",
    'drivers/mlx5 may not import drivers/pds',
  ],
  [
    'no other firmware',
    'src/firmware/bnxt/a.ts',
    "import '../mlx5/b.ts';",
    'firmware/bnxt may not import firmware/mlx5',
  ],
  ['no other devices', 'src/devices/bnxt/a.ts', "import '../mlx5/b.ts';", 'devices/bnxt may not import devices/mlx5'],
  [
    'no other row of a driver',
    'src/host/machine/drivers/raw.ts',
    "import './mlx5.ts';",
    'host/machine/drivers/raw may not import host/machine/drivers/mlx5',
  ],
  [
    "another driver's glue",
    'src/host/machine/drivers/raw-spec.ts',
    "import './mlx5/kept-state.ts';",
    'host/machine/drivers/raw may not import host/machine/drivers/mlx5',
  ],
  [
    "a row of another driver's parts",
    'src/host/machine/drivers/raw.ts',
    "import '../../../firmware/mlx5/firmware.ts';",
    'host/machine/drivers may not import src/firmware/mlx5/firmware.ts',
  ],
  [
    'a driver by name',
    'src/host/machine/host.ts',
    "import './drivers/mlx5.ts';",
    'only host/machine/drivers.ts may import src/host/machine/drivers/mlx5.ts',
  ],
  [
    'a driver by name, from above',
    'src/cli/a.ts',
    "import '../host/machine/drivers/mlx5.ts';",
    'only host/machine/drivers.ts may import',
  ],
  [
    'a driver in the machine',
    'src/host/machine/host.ts',
    "import '../../drivers/mlx5/driver.ts';",
    'host/machine may not import src/drivers/mlx5/driver.ts',
  ],
  [
    'another interceptor',
    'src/host/interceptors/stats/a.ts',
    "import '../trace/trace-text.ts';",
    'host/interceptors/stats may not import src/host/interceptors/trace/trace-text.ts',
  ],
  [
    'an interceptor that knows a driver',
    'src/host/interceptors/faults/a.ts',
    "import '../../../drivers/mlx5/dialect/dialect.ts';",
    'host/interceptors/faults may not import src/drivers/',
  ],
  [
    'an interceptor that knows the machine',
    'src/host/interceptors/faults/a.ts',
    "import '../../machine/host.ts';",
    'host/interceptors/faults may not import src/host/machine/host.ts',
  ],
  [
    'config upwards',
    'src/host/config/a.ts',
    "import '../machine/host.ts';",
    'host/config may not import src/host/machine/',
  ],
  ['serve upwards', 'src/serve/a.ts', "import type { S } from '../emulator/settings.ts';", 'serve may not import'],
  [
    'emulator upwards',
    'src/emulator/a.ts',
    "import '../cli/command.ts';",
    'emulator may not import src/cli/command.ts',
  ],
  [
    'a room of cli next door',
    'src/cli/sweep/a.ts',
    "import '../doctor/b.ts';",
    'cli/sweep may not import src/cli/doctor/',
  ],
  ['a second assembly', 'src/cli/a.ts', 'export const host = () => new Host(options);', 'construct a machine'],
  ['a file in no room', 'src/host/a.ts', '', 'src/host/ is no room of the design'],
  [
    'drivers do not know the transport',
    'src/drivers/a.ts',
    "import { f } from '../transport/x.ts';",
    'drivers may not import',
  ],
  [
    'only host constructs firmware',
    'src/cli/a.ts',
    "import { Firmware } from '../firmware/mlx5/firmware.ts';",
    'cli may not import src/firmware/',
  ],
  [
    'testkit by its doors',
    'src/testkit/a.ts',
    "import { f } from '../transport/cuse.ts';",
    'testkit may not import src/transport/cuse.ts',
  ],
  ['node: in a pure layer', 'src/fwctl/a.ts', "import fs from 'node:fs';", "fwctl may not import 'node:fs'"],
  ['node without its prefix', 'src/abi/a.ts', "import { readFileSync } from 'fs';", "abi may not import 'fs'"],
  ['a package in a pure layer', 'src/drivers/x/a.ts', "import pino from 'pino';", "drivers may not import 'pino'"],
  [
    'Buffer',
    'src/firmware/a.ts',
    '\n\nexport const b = Buffer.alloc(1);',
    'src/firmware/a.ts:3: firmware may not use Buffer',
  ],
  ['Buffer as a type', 'src/kernel/a.ts', 'export type B = Buffer;', 'kernel may not use Buffer'],
  ['the clock', 'src/firmware/a.ts', 'export const now = () => Date.now();', 'firmware may not use Date'],
  ['timers', 'src/drivers/m/a.ts', 'export const f = () => setTimeout(f, 1);', 'drivers may not use setTimeout'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
  ['inside a template', 'src/abi/a.ts', 'export const f = () => `a${`${process.pid}`}`;', 'abi may not use process'],
  ['the addon by dlopen', 'src/control/a.ts', 'process.dlopen(module, path);', 'dlopen loads the addon'],
  [
    'the addon by name',
    'src/control/a.ts',
    "export const path = '../native/fwctl_emu.node';",
    "may name the addon: '../native/fwctl_emu.node'",
  ],
  ['out of src', 'src/control/a.ts', "import x from '../../test/x.ts';", "'../../test/x.ts' leaves src/"],
  ['barrels', 'src/kernel/a.ts', "export * from './b.ts';", 'no barrels'],
  ['module state', 'src/control/a.ts', 'export let count = 0;', 'no module-level mutable state'],
  ['an unknown room', 'src/helpers/a.ts', '', 'src/helpers/ is no room of the design'],
];

for (const [name, path, content, expected] of refusals) {
  test(`refused: ${name}`, () => {
    const { status, said } = check({ [path]: content });
    assert.equal(status, 1);
    assert.ok(
      said.some((line) => line.includes(expected)),
      `${expected}\nnot in\n${said.join('\n')}`,
    );
  });
}

test('comments, strings and look-alikes are not imports', () => {
  const content = [
    "// import { x } from '../host/x.ts';",
    "/* import x from 'node:fs'; Buffer.alloc(1) */",
    'export const text = "Buffer and process.pid, from \'node:fs\'";',
    'export const pattern = /[/\'"]Buffer/;',
    'export const view: ArrayBuffer = new ArrayBuffer(1);',
    'export const shape = { process: 1, console: 2 };',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
    'export const template = `Buffer ${1 + 1} process.pid`;',
    'export function f(this: { process(): void }) { let local = 1; local++; return this.process(); }',
  ].join('\n');
  assert.deepEqual(check({ 'src/abi/a.ts': content }), { status: 0, said: [] });
});

test('a character outside of the 16-bit plane does not shift the lines', () => {
  const content = "// 𝛑 𝛑 𝛑 𝛑 𝛑 𝛑\nexport const a = '𝛑𝛑𝛑𝛑𝛑𝛑';\nimport { x } from '../host/b.ts';\n";
  assert.match(
    check({ 'src/abi/a.ts': content }).said[0] ?? '',
    /^src\/abi\/a\.ts:3: abi may not import src\/host\/b\.ts/,
  );
});

test('one arrow too many between the folders is refused, and all are named', () => {
  const rooms = ['abi', 'kernel', 'fwctl', 'iommufd', 'firmware', 'drivers', 'devices', 'transport'];
  const all = Object.fromEntries(
    rooms.map((room) => [`src/${room}/a.ts`, rooms.map((other) => `import '../${other}/a.ts';\n`).join('')]),
  );
  const { status, said } = check(all);
  assert.equal(status, 1);
  assert.ok(
    said.some((line) => /^src\/: 56 arrows between folders, \d\d at most/.test(line)),
    said.join('\n'),
  );
  assert.ok(said.includes('  abi -> kernel  (src/abi/a.ts > kernel/a.ts)'));
  const fewer = Object.fromEntries(Object.entries(all).slice(0, 7));
  assert.ok(!check(fewer).said.some((line) => line.includes('arrows')));
});
