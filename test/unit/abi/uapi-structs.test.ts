/**
 * Offsets of src/abi/fuse.ts and src/abi/fwctl.ts against what a C compiler makes of the headers, and against an
 * independent codec: what is written by the one is read by the other.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as fuse from '../../../src/abi/fuse.ts';
import { fwctlInfo, fwctlRpc } from '../../../src/abi/fwctl.ts';
import { fwctlInfoMlx5 } from '../../../src/abi/mlx5/fwctl-info.ts';
import { type CStruct, cstruct, type MemberValue } from './cstruct.ts';

type Offsets = Readonly<Record<string, number>>;

const ATTR = [
  ['ino', 'u64'],
  ['size', 'u64'],
  ['blocks', 'u64'],
  ['atime', 'u64'],
  ['mtime', 'u64'],
  ['ctime', 'u64'],
  ['atimensec', 'u32'],
  ['mtimensec', 'u32'],
  ['ctimensec', 'u32'],
  ['mode', 'u32'],
  ['nlink', 'u32'],
  ['uid', 'u32'],
  ['gid', 'u32'],
  ['rdev', 'u32'],
  ['blksize', 'u32'],
  ['flags', 'u32'],
] as const;

/** Our offsets, and the structure as its header declares it (members by their C names). */
const STRUCTS: readonly { readonly offsets: Offsets; readonly struct: CStruct; readonly header: 'fuse' | 'fwctl' }[] = [
  fuseStruct('fuse_in_header', fuse.inHeader, [
    ['len', 'u32'],
    ['opcode', 'u32'],
    ['unique', 'u64'],
    ['nodeid', 'u64'],
    ['uid', 'u32'],
    ['gid', 'u32'],
    ['pid', 'u32'],
    ['padding', 'u32'],
  ]),
  fuseStruct('fuse_out_header', fuse.outHeader, [
    ['len', 'u32'],
    ['error', 'i32'],
    ['unique', 'u64'],
  ]),
  fuseStruct('fuse_init_in', fuse.initIn, [
    ['major', 'u32'],
    ['minor', 'u32'],
    ['max_readahead', 'u32'],
    ['flags', 'u32'],
    ['flags2', 'u32'],
  ]),
  fuseStruct('fuse_init_out', fuse.initOut, [
    ['major', 'u32'],
    ['minor', 'u32'],
    ['max_readahead', 'u32'],
    ['flags', 'u32'],
    ['max_background', 'u16'],
    ['congestion_threshold', 'u16'],
    ['max_write', 'u32'],
    ['time_gran', 'u32'],
    ['max_pages', 'u16'],
    ['map_alignment', 'u16'],
    ['flags2', 'u32'],
    ['max_stack_depth', 'u32'],
    ['request_timeout', 'u16'],
    ['unused', 'u16', 11],
  ]),
  fuseStruct('cuse_init_out', fuse.cuseInitOut, [
    ['major', 'u32'],
    ['minor', 'u32'],
    ['unused', 'u32'],
    ['flags', 'u32'],
    ['max_read', 'u32'],
    ['max_write', 'u32'],
    ['dev_major', 'u32'],
    ['dev_minor', 'u32'],
    ['spare', 'u32', 10],
  ]),
  fuseStruct('fuse_attr', fuse.attr, ATTR),
  fuseStruct('fuse_open_in', fuse.openIn, [
    ['flags', 'u32'],
    ['open_flags', 'u32'],
  ]),
  fuseStruct('fuse_open_out', fuse.openOut, [
    ['fh', 'u64'],
    ['open_flags', 'u32'],
    ['padding', 'u32'],
  ]),
  fuseStruct('fuse_read_in', fuse.readIn, [
    ['fh', 'u64'],
    ['offset', 'u64'],
    ['size', 'u32'],
    ['read_flags', 'u32'],
    ['lock_owner', 'u64'],
    ['flags', 'u32'],
    ['padding', 'u32'],
  ]),
  fuseStruct('fuse_write_in', fuse.writeIn, [
    ['fh', 'u64'],
    ['offset', 'u64'],
    ['size', 'u32'],
    ['write_flags', 'u32'],
    ['lock_owner', 'u64'],
    ['flags', 'u32'],
    ['padding', 'u32'],
  ]),
  fuseStruct('fuse_ioctl_in', fuse.ioctlIn, [
    ['fh', 'u64'],
    ['flags', 'u32'],
    ['cmd', 'u32'],
    ['arg', 'u64'],
    ['in_size', 'u32'],
    ['out_size', 'u32'],
  ]),
  fuseStruct('fuse_ioctl_out', fuse.ioctlOut, [
    ['result', 'i32'],
    ['flags', 'u32'],
    ['in_iovs', 'u32'],
    ['out_iovs', 'u32'],
  ]),
  fuseStruct('fuse_ioctl_iovec', fuse.ioctlIovec, [
    ['base', 'u64'],
    ['len', 'u64'],
  ]),
  fuseStruct('fuse_poll_out', fuse.pollOut, [
    ['revents', 'u32'],
    ['padding', 'u32'],
  ]),
  fuseStruct('fuse_write_out', fuse.writeOut, [
    ['size', 'u32'],
    ['padding', 'u32'],
  ]),
  {
    header: 'fwctl',
    offsets: fwctlInfo,
    struct: cstruct('fwctl_info', [
      ['size', 'u32'],
      ['flags', 'u32'],
      ['out_device_type', 'u32'],
      ['device_data_len', 'u32'],
      ['out_device_data', 'u64'],
    ]),
  },
  {
    header: 'fwctl',
    offsets: fwctlRpc,
    struct: cstruct('fwctl_rpc', [
      ['size', 'u32'],
      ['scope', 'u32'],
      ['in_len', 'u32'],
      ['out_len', 'u32'],
      ['in', 'u64'],
      ['out', 'u64'],
    ]),
  },
  {
    header: 'fwctl',
    offsets: fwctlInfoMlx5,
    struct: cstruct('fwctl_info_mlx5', [
      ['uid', 'u32'],
      ['uctx_caps', 'u32'],
    ]),
  },
];

function fuseStruct(name: string, offsets: Offsets, rows: ConstructorParameters<typeof CStruct>[1]) {
  return { header: 'fuse', offsets, struct: cstruct(name, rows) } as const;
}

/** `maxReadahead` is `max_readahead`. */
const cName = (member: string) => member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const membersOf = (offsets: Offsets) => Object.entries(offsets).filter(([member]) => member !== 'bytes');

/** Words of any width at our offsets. */
function write(view: DataView, at: number, bytes: number, value: bigint): void {
  for (let i = 0; i < bytes; i++) view.setUint8(at + i, Number((value >> BigInt(8 * i)) & 0xffn));
}

describe('uAPI structures', () => {
  for (const { struct, offsets } of STRUCTS) {
    it(`${struct.name}: what is written at our offsets is what the structure's own codec reads, and back`, () => {
      if (offsets.bytes !== undefined) assert.equal(offsets.bytes, struct.bytes);
      fc.assert(
        fc.property(fc.uint8Array({ minLength: struct.bytes, maxLength: struct.bytes }), (image) => {
          const values = struct.decode(new DataView(image.buffer, image.byteOffset, image.length));
          const ours = new DataView(new ArrayBuffer(struct.bytes));
          const theirs: Record<string, MemberValue> = {};
          for (const [member, at] of membersOf(offsets)) {
            const name = cName(member);
            const value = values[name];
            assert.ok(value !== undefined, `${struct.name} has no ${name}`);
            theirs[name] = value;
            write(ours, at, typeof value === 'bigint' ? 8 : widthOf(struct, name), BigInt(value));
          }
          assert.deepEqual(new Uint8Array(ours.buffer), struct.encode(theirs));
        }),
        { numRuns: 20 },
      );
    });
  }

  it('a short buffer of any length decodes to the members that it holds', () => {
    for (const { struct } of STRUCTS) {
      for (let length = 0; length <= struct.bytes; length++) {
        const found = Object.keys(struct.decode(new DataView(new ArrayBuffer(length))));
        const whole = [...struct.members].filter(([name, { offset }]) => offset + widthOf(struct, name) <= length);
        assert.deepEqual(
          found,
          whole.map(([name]) => name),
        );
      }
    }
  });

  const header = '/usr/include/linux/fuse.h';
  const skip = !existsSync(header) && `${header} is not installed (Debian: linux-libc-dev)`;
  it('a C compiler gives the same offsets for linux/fuse.h', { skip }, () => {
    const more: readonly [string, Offsets][] = [
      ['fuse_entry_out', only(fuse.entryOut, ['nodeid', 'attrValid', 'attr', 'bytes'])],
      ['fuse_attr_out', fuse.attrOut],
      ['fuse_setattr_in', fuse.setattrIn],
      ['fuse_release_in', fuse.releaseIn],
      ['fuse_interrupt_in', fuse.interruptIn],
      ['fuse_forget_in', fuse.forgetIn],
      ['fuse_batch_forget_in', { count: fuse.batchForgetIn.count, bytes: fuse.batchForgetIn.entries }],
      ['fuse_forget_one', { bytes: fuse.batchForgetIn.entryBytes }],
      ['fuse_kstatfs', fuse.statfsOut],
      ['fuse_dirent', fuse.dirent],
    ];
    // Linux 6.15's, which an older header has among the unused
    const { requestTimeout, ...initOut } = fuse.initOut;
    const timed = readFileSync(header, 'utf8').includes('request_timeout');
    const known = (offsets: Offsets) => (offsets === fuse.initOut && !timed ? initOut : offsets);
    const rows = [
      ...STRUCTS.filter((row) => row.header === 'fuse').map(
        ({ struct, offsets }) => [struct.name, known(offsets)] as const,
      ),
      ...more,
    ];
    const lines = rows.flatMap(([name, offsets]) => [
      ...membersOf(offsets).map(([member]) => `P("${name}.${member}", offsetof(struct ${name}, ${cName(member)}));`),
      ...(offsets.bytes === undefined ? [] : [`P("${name}.bytes", sizeof(struct ${name}));`]),
    ]);
    const want = Object.fromEntries(
      rows.flatMap(([name, offsets]) => Object.entries(offsets).map(([member, at]) => [`${name}.${member}`, at])),
    );
    assert.deepEqual(compiled(lines), want);
  });
});

function widthOf(struct: CStruct, name: string): number {
  const type = struct.members.get(name)?.type ?? 'u8';
  return Number(type.slice(1)) / 8;
}

function only(offsets: Offsets, members: readonly string[]): Offsets {
  return Object.fromEntries(Object.entries(offsets).filter(([member]) => members.includes(member)));
}

/** What the compiler says, by name. */
function compiled(lines: readonly string[]): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-offsets-'));
  try {
    const source = join(folder, 'offsets.c');
    const program = join(folder, 'offsets');
    writeFileSync(
      source,
      `#include <linux/fuse.h>\n#include <stddef.h>\n#include <stdio.h>\n#define P(n, v) printf("%s %zu\\n", n, (size_t)(v))\nint main(void) {\n${lines.join('\n')}\nreturn 0;\n}\n`,
    );
    const made = spawnSync(process.env.CC ?? 'cc', ['-o', program, source], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const text = spawnSync(program, { encoding: 'utf8' }).stdout.trim();
    return Object.fromEntries(
      text.split('\n').map((line) => {
        const [name = '', value] = line.split(' ');
        return [name, Number(value)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
