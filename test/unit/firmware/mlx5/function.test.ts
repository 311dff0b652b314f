/** The ConnectX's PCI function: its vendor-specific capability as tools and mlx5_core walk through it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSpace } from '../../../../src/abi/pci/function.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { connectx7 } from '../../../../src/devices/mlx5/connectx7.ts';
import { createMlx5Firmware } from '../../../../src/firmware/mlx5/firmware.ts';
import { mlx5Shape } from '../../../../src/firmware/mlx5/function/shape.ts';

const VSC = 0xc0;
const FLAG = 0x8000_0000;
const SPACE = { crSpace: 2, commands: 3, scan: 7, semaphore: 0xa };

const space = () => configSpace(mlx5Shape(connectx6dx));

test('the capability is the functional one', () => {
  assert.deepEqual([...space().read(VSC, 4)], [9, 0x40, 0x18, 0]);
});

test('the semaphore is his whose ticket reads back', () => {
  const config = space();
  const [first, second] = [config.get(VSC + 8, 4), config.get(VSC + 8, 4)];
  assert.notEqual(first, second);
  config.set(VSC + 0xc, 4, first);
  config.set(VSC + 0xc, 4, second);
  assert.equal(config.get(VSC + 0xc, 4), first);
  config.set(VSC + 0xc, 4, 0);
  assert.equal(config.get(VSC + 0xc, 4), 0);
});

test('a space that is not there has status 0', () => {
  const config = space();
  for (const [number, there] of [
    [SPACE.crSpace, true],
    [SPACE.semaphore, true],
    [1, true],
    [SPACE.commands, false],
    [0x102, false],
    [0xc, false],
  ] as const) {
    config.set(VSC + 4, 4, number);
    assert.equal(config.get(VSC + 4, 2), number);
    assert.equal(config.get(VSC + 4, 4) >>> 29 !== 0, there, `space ${number}`);
  }
});

test('the hardware id is read, and nothing else is shown', () => {
  const config = space();
  config.set(VSC + 4, 4, SPACE.crSpace);
  config.set(VSC + 0x10, 4, 0xf0014);
  assert.equal(config.get(VSC + 0x10, 4), (FLAG | 0xf0014) >>> 0);
  assert.equal(config.get(VSC + 0x14, 4), 0x212);
  config.set(VSC + 0x10, 4, 0x10);
  assert.equal(config.get(VSC + 0x10, 4) >>> 30, 3);
  assert.equal(config.get(VSC + 0x14, 4), 0xbadacce5);
  assert.equal((config.get(VSC + 4, 4) >>> 24) & 0xf, 3);
  // a write that goes nowhere ends as well
  config.set(VSC + 0x14, 4, 1);
  config.set(VSC + 0x10, 4, FLAG | 0x20);
  assert.equal(config.get(VSC + 0x10, 4) >>> 30, 1);
});

/** A register access through the tools' mailbox: the command's status, the register's, its data. */
function access(config: ReturnType<typeof space>, id: number, method: number, data: Uint8Array) {
  const write = (address: number, value: number) => {
    config.set(VSC + 0x14, 4, value);
    config.set(VSC + 0x10, 4, FLAG | address);
  };
  const read = (address: number) => {
    config.set(VSC + 0x10, 4, address);
    return config.get(VSC + 0x14, 4);
  };
  config.set(VSC + 4, 4, SPACE.commands);
  const message = Buffer.alloc(20 + data.length);
  message.writeUInt32BE((1 << 27) | (4 << 16), 0);
  message.writeUInt32BE(((id << 16) | (method << 8) | 1) >>> 0, 4);
  message.writeUInt32BE(((3 << 27) | (((data.length + 4) / 4) << 16)) >>> 0, 16);
  message.set(data, 20);
  for (let at = 0; at < message.length; at += 4) write(0x100000 + at, message.readUInt32BE(at));
  write(0, 0x9001_0001);
  const control = read(0);
  const answer = Buffer.alloc(message.length);
  for (let at = 0; at < message.length; at += 4) answer.writeUInt32BE(read(0x100000 + at), at);
  return { control, status: answer.readUInt8(2) >> 1, data: answer.subarray(20) };
}

test('a register is reached by the tools own mailbox, the same as by commands', () => {
  const firmware = createMlx5Firmware(connectx6dx, {
    clock: { monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} },
  });
  const config = configSpace(mlx5Shape(connectx6dx, firmware));
  config.set(VSC + 4, 4, SPACE.commands);
  config.set(VSC + 0x10, 4, 0x1000);
  assert.equal(config.get(VSC + 0x14, 4), 0x400);
  const mgir = access(config, 0x9020, 1, new Uint8Array(160));
  assert.deepEqual([mgir.control, mgir.status], [0x9001_0000, 0]);
  assert.equal(mgir.data.readUInt16BE(0x02), 0x101d);
  assert.equal(access(config, 0x0fff, 1, new Uint8Array(16)).status, 4, 'there is no such register');
  assert.equal(access(config, 0x9020, 2, new Uint8Array(160)).status, 6, 'it cannot be written');
  assert.equal(access(config, 0x5003, 1, Uint8Array.of(0, 99, 0, 0)).status, 7, 'there is no such port');
  assert.equal(access(config, 0x9020, 3, new Uint8Array(160)).status, 6, 'there is no such method');
  // what may be asked: registers of all kinds
  config.set(VSC + 0x14, 4, 0x8400_0001);
  config.set(VSC + 0x10, 4, FLAG);
  config.set(VSC + 0x10, 4, 0x10_0000);
  assert.equal(config.get(VSC + 0x14, 4) >>> 29, 7);
  // an opcode that is none, and a length that does not fit
  config.set(VSC + 0x14, 4, 0x1234_0001);
  config.set(VSC + 0x10, 4, FLAG);
  config.set(VSC + 0x10, 4, 0);
  assert.equal(config.get(VSC + 0x14, 4), 0x1234_0100);
  assert.equal(access(config, 0x9020, 1, new Uint8Array(0)).control, 0x9001_0000);
});

test('a semaphore of the chip is taken once', () => {
  const config = space();
  config.set(VSC + 4, 4, SPACE.semaphore);
  const put = (value: number) => {
    config.set(VSC + 0x14, 4, value);
    config.set(VSC + 0x10, 4, FLAG | 0x20);
    config.set(VSC + 0x10, 4, 0x20);
    return config.get(VSC + 0x14, 4);
  };
  assert.deepEqual([put(5), put(6), put(0), put(7)], [5, 5, 0, 7]);
});

test('the space of a crash dump has a size, and is walked in few steps', () => {
  const config = space();
  config.set(VSC + 4, 4, SPACE.scan);
  assert.equal((config.get(VSC + 4, 4) >>> 28) & 1, 1);
  const size = config.get(VSC + 0x10, 4) & 0x3fff_ffff;
  assert.equal(size, 0x100000);
  const seen: [number, number][] = [];
  for (let at = 0; at < size; ) {
    config.set(VSC + 0x10, 4, at);
    seen.push([at, config.get(VSC + 0x14, 4)]);
    const next = config.get(VSC + 0x10, 4) & 0x3fff_ffff;
    assert.ok(next > at);
    at = next;
  }
  assert.deepEqual(seen, [
    [0, 0],
    [0xf0014, 0x212],
  ]);
});

test('the link is what MPEIN says, and VPD names the board', () => {
  const shape = mlx5Shape(connectx6dx);
  assert.deepEqual(shape.link, { speed: 4, width: 16 });
  assert.deepEqual(mlx5Shape(connectx7).link, { speed: 5, width: 16 });
  assert.equal(shape.identity.subsystemDevice, 0x16);
  const { keywords } = shape.vpd ?? { keywords: [] };
  assert.equal(keywords.find(([name]) => name === 'PN')?.[1], 'MCX623106AN-CDA');
  assert.equal(keywords.find(([name]) => name === 'VA')?.[1], 'MLX:MN=MLNX:CSKU=V2:UUID=V3:PCI=V0:MODL=CX623106AN');
  assert.equal(keywords.find(([name]) => name === 'V3')?.[1].length, 32);
});
