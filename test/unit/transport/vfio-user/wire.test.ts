/** Every message of vfio-user on the wire, before `fwctl-emu pci`: what each answers, and what a hostile one does. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { ENTRY } from '../../../../src/abi/mlx5/command-interface.ts';
import { COMMAND, FLAG, HEADER, MAX_MESSAGE, REGION } from '../../../../src/transport/vfio-user/messages.ts';
import { repository } from '../../../repository.ts';
import { type DescriptorKind, dmaMap, pack, setIrqs, VfioClient } from './client.ts';

const EBADF = 9;
const EEXIST = 17;
const EINVAL = 22;
const ENOSPC = 28;
const ENOSYS = 38;
const MIB = 1 << 20;

const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-pci-'));
const socket = join(scratch, 'pci');
const program = join(repository, 'scripts/fwctl-emu');
let server: ChildProcess;
let said = '';

before(async () => {
  server = spawn(program, ['pci', '--socket', socket, '--device', 'connectx6dx', '--device', 'connectx7', '--trace']);
  server.stdout?.on('data', (text) => {
    said += text;
  });
  server.stderr?.on('data', (text) => {
    said += text;
  });
  await until(() => existsSync(`${socket}.control`));
});

after(async () => {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
  assert.equal(existsSync(socket) || existsSync(`${socket}.1`) || existsSync(`${socket}.control`), false, said);
  rmSync(scratch, { recursive: true });
});

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(done(), said);
}

async function control(...words: string[]): Promise<string> {
  const child = spawn(program, [...words, '--socket', `${socket}.control`]);
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    out += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return out;
}

/** Descriptors of the server that a client has brought. */
function brought(): number {
  const base = `/proc/${server.pid}/fd`;
  const targets = readdirSync(base).flatMap((fd) => {
    try {
      return [readlinkSync(join(base, fd))];
    } catch {
      return [];
    }
  });
  return targets.filter((target) => /memfd:guest/.test(target)).length;
}

/** Of the test under way. */
const open: VfioClient[] = [];

afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

async function greeted(at = socket): Promise<VfioClient> {
  const client = new VfioClient(at);
  open.push(client);
  await client.greet();
  return client;
}

describe('a message', () => {
  it('VERSION: says what the server takes', async () => {
    const client = new VfioClient(socket);
    const { body, error } = await client.greet();
    assert.equal(error, 0);
    assert.deepEqual([body.readUInt16LE(0), body.readUInt16LE(2)], [0, 0]);
    const { capabilities } = JSON.parse(body.toString('latin1', 4).replace(/\0$/, ''));
    assert.equal(capabilities.max_msg_fds, 16);
    assert.equal(capabilities.max_data_xfer_size, MIB);
    await client.close();
  });

  it('DEVICE_GET_INFO, DEVICE_GET_REGION_INFO, DEVICE_GET_REGION_IO_FDS, DEVICE_GET_IRQ_INFO: the function', async () => {
    const client = await greeted();
    const info = (await client.ask('DEVICE_GET_INFO', Buffer.alloc(16))).body;
    assert.deepEqual(
      [0, 4, 8, 12].map((at) => info.readUInt32LE(at)),
      [16, 3, 9, 5],
    );
    const sizes = [];
    for (let index = 0; index < 9; index++) {
      const { body } = await client.ask('DEVICE_GET_REGION_INFO', pack(32, 0, index, 0, 0n, 0n));
      sizes.push(Number(body.readBigUInt64LE(16)));
      assert.equal((await client.ask('DEVICE_GET_REGION_IO_FDS', pack(16, 0, index, 0))).body.readUInt32LE(12), 0);
    }
    assert.deepEqual(sizes, [32 * MIB, 0, 0, 0, 0, 0, 0, 4096, 0]);
    const counts = [];
    for (let index = 0; index < 5; index++) {
      counts.push((await client.ask('DEVICE_GET_IRQ_INFO', pack(16, 0, index, 0))).body.readUInt32LE(12));
    }
    assert.deepEqual(counts, [1, 0, 64, 0, 0]);
    assert.equal((await client.ask('DEVICE_GET_REGION_INFO', pack(32, 0, 9, 0, 0n, 0n))).error, EINVAL);
    assert.equal((await client.ask('DEVICE_GET_REGION_IO_FDS', pack(16, 0, 9, 0))).error, EINVAL);
    assert.equal((await client.ask('DEVICE_GET_IRQ_INFO', pack(16, 0, 5, 0))).error, EINVAL);
    await client.close();
  });

  it('DMA_MAP, DMA_UNMAP: memory comes and goes, and its descriptors with it', async () => {
    const client = await greeted();
    const before = brought();
    assert.equal((await client.mapMemory()).error, 0);
    assert.equal((await client.ask('DMA_MAP', dmaMap(0xff000n, 8192n), 'memory')).error, EEXIST, 'it is there');
    assert.equal((await client.ask('DMA_MAP', dmaMap(1n << 32n, 8192n, { offset: 0xff000n }), 'memory')).error, EINVAL);
    assert.equal((await client.ask('DMA_MAP', dmaMap(1n << 32n, 0n), 'memory')).error, EINVAL);
    assert.equal((await client.ask('DMA_MAP', dmaMap(1n << 62n, 4096n), 'memory')).error, EINVAL);
    assert.equal((await client.ask('DMA_MAP', dmaMap(1n << 32n, 4096n), 'null')).error, EINVAL);
    assert.equal((await client.ask('DMA_MAP', dmaMap(1n << 32n, 4096n), 'memory', 'memory')).error, EINVAL);
    assert.equal((await client.ask('DMA_MAP', dmaMap(1n << 33n, 4096n))).error, 0, 'a ROM, which nobody can reach');
    assert.equal(brought(), before + 1);
    assert.equal((await client.ask('DMA_UNMAP', pack(24, 0, 0n, 4096n))).error, EINVAL, 'a part');
    const unmapped = await client.ask('DMA_UNMAP', pack(24, 0, 0n, BigInt(MIB)));
    assert.deepEqual([unmapped.error, unmapped.body.length], [0, 24]);
    assert.equal(brought(), before);
    assert.equal((await client.ask('DMA_UNMAP', pack(24, 0, 0n, BigInt(MIB)))).error, EINVAL);
    await client.mapMemory();
    assert.equal((await client.ask('DMA_UNMAP', pack(24, 2, 0n, 0n))).error, 0, 'all');
    assert.equal(brought(), before);
    let refused = 0;
    for (let i = 0; i < 300 && refused === 0; i++) {
      refused = (await client.ask('DMA_MAP', dmaMap(BigInt(i + 1) << 20n, 4096n), 'memory')).error;
    }
    assert.equal(refused, ENOSPC);
    await client.close();
    await until(() => brought() === before);
  });

  it('REGION_READ, REGION_WRITE, REGION_WRITE_MULTI: configuration space and BAR', async () => {
    const client = await greeted();
    assert.deepEqual(await client.readRegion(REGION.config, 0, 4), Buffer.from('b3151d10', 'hex'));
    const bar = [0x10, 0x14];
    await client.writeRegion(REGION.config, 0x10, pack(0xffff_ffff, 0xffff_ffff));
    const sized = await client.readRegion(REGION.config, 0x10, 8);
    assert.deepEqual(
      bar.map((at) => sized.readUInt32LE(at - 0x10)),
      [0xfe00_000c, 0xffff_ffff],
    );
    assert.deepEqual(await client.readRegion(REGION.bar0, 4, 2), Buffer.from('0005', 'hex'), 'cmdif_rev');
    const one = (offset: number, region: number, bytes: Buffer) =>
      pack(BigInt(offset), region, bytes.length, Buffer.concat([bytes, Buffer.alloc(8 - bytes.length)]));
    const many = pack(2n, one(0x10, REGION.config, pack(0x1000_0000)), one(0x3c, REGION.config, Buffer.from([11])));
    assert.equal((await client.ask('REGION_WRITE_MULTI', many)).error, 0);
    assert.equal((await client.readRegion(REGION.config, 0x10, 4)).readUInt32LE(0), 0x1000_000c);
    assert.equal((await client.readRegion(REGION.config, 0x3c, 1))[0], 11);
    for (const [region, offset, count] of [
      [REGION.config, 4096, 1],
      [REGION.config, 4095, 2],
      [REGION.bar0, 32 * MIB, 4],
      [1, 0, 4],
      [99, 0, 4],
    ] as const) {
      assert.equal((await client.ask('REGION_READ', pack(BigInt(offset), region, count))).error, EINVAL);
      assert.equal((await client.ask('REGION_WRITE', pack(BigInt(offset), region, 4, 0))).error, EINVAL);
    }
    assert.equal(
      (await client.ask('REGION_READ', pack(0n, REGION.bar0, MIB + 1))).error,
      EINVAL,
      'more than a transfer',
    );
    assert.equal((await client.ask('REGION_WRITE', pack(0n, REGION.config, 8, 0))).error, EINVAL, 'less than it says');
    assert.equal((await client.ask('REGION_WRITE_MULTI', pack(1n << 60n, Buffer.alloc(24)))).error, EINVAL);
    assert.equal((await client.ask('REGION_WRITE_MULTI', pack(2n, Buffer.alloc(24)))).error, EINVAL);
    await client.close();
  });

  it('DEVICE_SET_IRQS: eventfds are raised by hand, and let go', async () => {
    const client = await greeted();
    assert.equal((await client.arm(0, 4)).error, 0);
    assert.equal((await client.ask('DEVICE_SET_IRQS', setIrqs(0x21, 2, 1, 2))).error, 0);
    assert.deepEqual(await client.events(), [1, 2]);
    assert.equal((await client.ask('DEVICE_SET_IRQS', setIrqs(0x22, 2, 0, 4, Buffer.from([1, 0, 0, 1])))).error, 0);
    assert.deepEqual(await client.events(), [0, 3]);
    assert.equal((await client.ask('DEVICE_SET_IRQS', setIrqs(0x24, 2, 1, 1))).error, 0, 'vector 1 is told to nobody');
    await client.ask('DEVICE_SET_IRQS', setIrqs(0x21, 2, 0, 4));
    assert.deepEqual(await client.events(), [0, 2, 3]);
    assert.equal((await client.ask('DEVICE_SET_IRQS', setIrqs(0x21, 2, 0, 0))).error, 0, 'all of them');
    await client.ask('DEVICE_SET_IRQS', setIrqs(0x21, 2, 0, 4));
    assert.deepEqual(await client.events(), []);
    const wrong: [Buffer, number, ...DescriptorKind[]][] = [
      [setIrqs(0x24, 2, 0, 1), EBADF, 'pipe'],
      [setIrqs(0x24, 2, 0, 2), EINVAL, 'event'],
      [setIrqs(0x24, 2, 63, 2), EINVAL, 'event', 'event'],
      [setIrqs(0x21, 2, 0xffff_ffff, 0xffff_ffff), EINVAL],
      [setIrqs(0x22, 2, 0, 4), EINVAL],
      [setIrqs(0x27, 2, 0, 1), EINVAL],
      [setIrqs(0x21, 1, 0, 1), EINVAL],
      [setIrqs(0x21, 7, 0, 0xffff), EINVAL],
    ];
    for (const [body, errno, ...fds] of wrong) {
      assert.equal((await client.ask('DEVICE_SET_IRQS', body, ...fds)).error, errno, body.toString('hex'));
    }
    assert.equal((await client.ask('DEVICE_SET_IRQS', setIrqs(0x24, 0, 0, 1), 'event')).error, 0, 'INTx');
    await client.close();
  });

  it('DEVICE_RESET: configuration space and function are as after power-up; so does bit 15 of Device Control', async () => {
    const client = await greeted();
    const control = 0x68;
    for (const reset of [
      () => client.ask('DEVICE_RESET'),
      () => client.writeRegion(REGION.config, control, Buffer.from([0x10, 0xa9])),
    ]) {
      await client.writeRegion(REGION.config, 4, Buffer.from([6]));
      assert.equal((await client.readRegion(REGION.config, 4, 1))[0], 6);
      await client.writeRegion(REGION.bar0, 0x10, Buffer.from('00000005', 'hex'));
      assert.equal((await client.readRegion(REGION.bar0, 0x10, 4)).readUInt32BE(), 5);
      assert.equal((await reset()).error, 0);
      assert.equal((await client.readRegion(REGION.config, 4, 1))[0], 0);
      assert.equal((await client.readRegion(REGION.bar0, 0x10, 4)).readUInt32BE(), 0);
    }
    await client.close();
  });
});

describe('a command of a driver', () => {
  it('is carried out, answered by an interrupt later, and traced', async () => {
    const client = await greeted();
    await client.mapMemory();
    await client.writeRegion(REGION.bar0, 0x10, Buffer.from('0000000000001000', 'hex'));
    const entry = Buffer.alloc(ENTRY.bytes);
    entry[ENTRY.type] = ENTRY.pciTransport;
    entry.writeUInt32BE(16, ENTRY.inLength);
    entry.writeUInt16BE(0x104, ENTRY.in);
    entry.writeUInt32BE(12, ENTRY.outLength);
    entry[ENTRY.token] = 7;
    entry[ENTRY.statusOwn] = 1;
    client.writeMemory(0x1000, entry);
    await client.readMemory(0x1000, 1);
    await client.writeRegion(REGION.bar0, 0x18, Buffer.from('00000001', 'hex'));
    let own = 1;
    for (let i = 0; i < 100 && own !== 0; i++) own = (await client.readMemory(0x1000 + ENTRY.statusOwn, 1))[0] ?? 1;
    assert.equal(own, 0);
    await until(() => /guest.*RPC.*ENABLE_HCA.*OK/.test(said));
    await client.close();
  });
});

describe('the second device', () => {
  it('has a socket of its own; each has one machine at a time', async () => {
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    const [first, second] = [await greeted(), await greeted(`${socket}.1`)];
    assert.deepEqual(await second.readRegion(REGION.config, 2, 2), Buffer.from('2110', 'hex'));
    const third = new VfioClient(socket);
    assert.equal(await third.receive(), undefined, 'turned away');
    await third.close();
    assert.deepEqual(await first.readRegion(REGION.config, 2, 2), Buffer.from('1d10', 'hex'));
    await first.close();
    await second.close();
    const again = await greeted();
    await again.close();
  });

  it('is pulled out by unplug: all that is read is ones; plugged in again it is there again', async () => {
    const client = await greeted(`${socket}.1`);
    await client.mapMemory();
    assert.match(await control('unplug', 'fwctl1'), /fwctl1 is unplugged/);
    assert.deepEqual(await client.readRegion(REGION.config, 0, 4), Buffer.from('ffffffff', 'hex'));
    assert.deepEqual(await client.readRegion(REGION.bar0, 0x1010, 4), Buffer.from('ffffffff', 'hex'));
    assert.equal((await client.writeRegion(REGION.bar0, 0x18, pack(1))).error, 0);
    assert.equal((await client.ask('DEVICE_RESET')).error, 0);
    await client.close();
    assert.equal(existsSync(`${socket}.1`), false);
    await control('plug', 'connectx7');
    await until(() => existsSync(`${socket}.1`));
    const next = await greeted(`${socket}.1`);
    assert.deepEqual(await next.readRegion(REGION.config, 0, 4), Buffer.from('b3152110', 'hex'));
    await next.close();
  });

  it('tells of its health what an operator has set', async () => {
    await control('set', 'fwctl0', 'health.synd', '7');
    assert.match(await control('get', 'fwctl0', 'health'), /health.synd +7/);
    assert.match(await control('set', 'fwctl0', 'health.synd', '256'), /a whole number of 0 to 255/);
    const client = await greeted();
    // a machine that comes finds it well
    assert.deepEqual(await client.readRegion(REGION.bar0, 0x23c, 4), Buffer.alloc(4));
    await control('set', 'fwctl0', 'health.synd', '7');
    assert.deepEqual(await client.readRegion(REGION.bar0, 0x23c, 4), Buffer.from('00070000', 'hex'));
    await client.close();
  });

  it('and others that are plugged at once have each its own socket', async () => {
    await control('plug', 'connectx7,count=2');
    await until(() => existsSync(`${socket}.2`) && existsSync(`${socket}.3`));
    await control('reset');
    await until(() => existsSync(socket) && existsSync(`${socket}.1`));
    assert.equal(existsSync(`${socket}.2`) || existsSync(`${socket}.3`), false);
    for (const [at, id] of [
      [socket, '1d10'],
      [`${socket}.1`, '2110'],
    ] as const) {
      const client = await greeted(at);
      assert.deepEqual(await client.readRegion(REGION.config, 2, 2), Buffer.from(id, 'hex'));
      await client.close();
    }
  });
});

describe('who breaks the protocol', () => {
  it('is cut off, and the next one is served', async () => {
    const version = Buffer.from('\0\0\0\0{}\0');
    const broken: [string, (client: VfioClient) => void][] = [
      ['a message before VERSION', (client) => client.raw(client.header(COMMAND.DEVICE_GET_INFO, 0))],
      ['a size below the header', (client) => client.raw(client.header(COMMAND.VERSION, -8))],
      ['a size above all', (client) => client.raw(client.header(COMMAND.VERSION, MAX_MESSAGE))],
      ['a reply', (client) => client.raw(client.header(COMMAND.VERSION, 0, FLAG.reply))],
      [
        'another major version',
        (client) => client.raw(Buffer.concat([client.header(COMMAND.VERSION, 4), Buffer.from([1, 0, 0, 0])])),
      ],
      ['a VERSION that is too short', (client) => client.raw(client.header(COMMAND.VERSION, 0))],
    ];
    for (const [name, send] of broken) {
      const client = new VfioClient(socket);
      send(client);
      assert.equal(await client.receive(), undefined, name);
      await client.close();
      const next = await greeted();
      await next.close();
    }
    const half = new VfioClient(socket);
    half.raw(Buffer.concat([half.header(COMMAND.VERSION, version.length), version]).subarray(0, HEADER.bytes + 2));
    await half.close();
    const next = await greeted();
    await next.close();
  });

  it('is answered with an errno where the message is whole: unknown, too short, with descriptors', async () => {
    const client = await greeted();
    for (const number of [0, 11, 12, 14, 16, 0xffff]) assert.equal((await client.ask(number)).error, ENOSYS);
    for (const [name, bytes] of [
      ['DMA_MAP', 31],
      ['DMA_UNMAP', 23],
      ['DEVICE_GET_REGION_INFO', 31],
      ['REGION_READ', 15],
      ['DEVICE_SET_IRQS', 19],
    ] as const) {
      assert.equal((await client.ask(name, Buffer.alloc(bytes))).error, EINVAL, name);
    }
    assert.equal((await client.ask('DEVICE_RESET', Buffer.alloc(0), 'memory', 'event')).error, EINVAL);
    assert.equal(brought(), 0);
    const sixteen = Array.from({ length: 20 }, (): DescriptorKind => 'event');
    assert.equal((await client.ask('DEVICE_SET_IRQS', setIrqs(0x24, 2, 0, 20), ...sixteen)).error, EINVAL);
    await client.close();
  });

  it('a no_reply command is carried out without a word', async () => {
    const client = await greeted();
    const body = pack(BigInt(0x3c), REGION.config, 1, Buffer.from([9]));
    client.raw(Buffer.concat([client.header(COMMAND.REGION_WRITE, body.length, FLAG.noReply), body]));
    assert.equal((await client.readRegion(REGION.config, 0x3c, 1))[0], 9);
    await client.close();
  });
});

describe('the verb', () => {
  const fails = async (...words: string[]) => {
    const child = spawn(program, ['pci', ...words]);
    let err = '';
    child.stderr.on('data', (text) => {
      err += text;
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    return `${status} ${err}`;
  };

  it('refuses a place that is taken, a device that is none, and no socket', async () => {
    assert.match(await fails('--socket', socket), /1 .*somebody listens at .*another --socket PATH/);
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    assert.match(await fails('--socket', file), /1 .*is no socket/);
    const other = join(scratch, 'other');
    assert.match(await fails('--socket', other, '--device', 'bnxt-loopback'), /no PCI function that a guest can have/);
    assert.match(await fails(), /2 .*--socket/);
    assert.equal(existsSync(other), false);
  });
});
