import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { abiProfile } from '../../../../../../src/abi/profiles.ts';
import { DEFAULT_DEVICE } from '../../../../../../src/host/config/defaults.ts';
import { systemClock } from '../../../../../../src/host/machine/clock.ts';
import { MLX5_DRIVER } from '../../../../../../src/host/machine/drivers/mlx5.ts';
import { DRIVERS } from '../../../../../../src/host/machine/drivers.ts';
import { loadModules } from '../../../../../../src/host/machine/firmware-module.ts';
import { isModulePath } from '../../../../../../src/host/machine/firmware-path.ts';
import { Host } from '../../../../../../src/host/machine/host.ts';
import { Errno } from '../../../../../../src/kernel/errno.ts';
import { InprocessTransport } from '../../../../../../src/transport/inprocess.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-module-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(text: string): string {
  const path = join(folder, `firmware-${count++}.mjs`);
  writeFileSync(path, text);
  return path;
}

/** A host with one device behind the module; its log. */
async function plugged(text: string) {
  const firmware = file(text);
  const abi = abiProfile('latest');
  assert.ok(abi);
  const spec = { ...DEFAULT_DEVICE, keys: { firmware } };
  const prepared = new Map([['mlx5', await MLX5_DRIVER.prepare?.([spec])]]);
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS, prepared });
  const device = host.plug(spec);
  const log = () => host.kmsg.records().map((record) => record.text);
  return { host, device, firmware, log, open: () => new InprocessTransport().openDevice(device.fileOps) };
}

/** In no kernel's table. */
const SET_ISSI = Uint8Array.from([0x01, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const QUERY_ISSI = Uint8Array.from([0x01, 0x0a, 0xbe, 0xef, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9]);
const refusedWith = (name: string, rule?: RegExp) => (error: unknown) =>
  error instanceof Errno && error.name === name && (rule === undefined || rule.test(error.rule));

describe("a firmware of one's own", () => {
  it('is a regular file', async () => {
    const path = join(folder, 'fifo.mjs');
    assert.equal(spawnSync('mkfifo', [path]).status, 0);
    const refused = (firmware: string, why: RegExp) => assert.rejects(loadModules([firmware], 'exec'), why);
    await refused(path, /fifo\.mjs cannot be loaded: Error: it is a FIFO; give a regular file/);
    await refused(folder, /cannot be loaded: Error: it is a directory; give a regular file/);
  });

  it('answers with bytes, with parts, or with nothing, cut at what was asked for', async () => {
    const { open } = await plugged(`export default {
      exec({ opcode, opMod, uid, bytes, outLength }) {
        if (opMod === 0) return undefined;
        if (opMod === 1) return new Uint8Array(64).fill(7);
        return { status: 3, syndrome: 0xabcdef, data: Uint8Array.of(opcode >> 8, opcode & 255, uid, opMod, bytes[15], outLength, 0, 0, 0xee) };
      },
    };`);
    const opened = open();
    const ask = (opMod: number, outLength: number) => {
      const request = QUERY_ISSI.slice();
      request[7] = opMod;
      return Buffer.from(opened.rpc(1, request, outLength)).toString('hex');
    };
    assert.equal(ask(0, 20), '00'.repeat(20));
    assert.equal(ask(1, 18), '07'.repeat(18));
    assert.equal(ask(2, 16), `0300000000abcdef010a010209100000`);
    assert.equal(ask(2, 20), `0300000000abcdef010a010209140000ee000000`);
  });

  it('is told of files that come and go, and of its device', async () => {
    const { open, device } = await plugged(`const seen = [];
      export default (device) => ({
        opened: (uid) => seen.push('+' + uid), closed: (uid) => seen.push('-' + uid), uctxCap: 0,
        exec: () => new TextEncoder().encode(JSON.stringify({ device, seen }).padEnd(200)),
      });`);
    const [first, second] = [open(), open()];
    first.close();
    const text = new TextDecoder().decode(second.rpc(1, QUERY_ISSI, 200)).trim();
    assert.deepEqual(JSON.parse(text), {
      device: { pci: device.spec.pci, abi: 'linux-7.3' },
      seen: ['+1', '+2', '-1'],
    });
    const { data } = second.info(8);
    assert.deepEqual([...data], [2, 0, 0, 0, 0, 0, 0, 0], 'uid 2, uctx_caps as the module says');
  });

  it('may answer later, and holds nobody else meanwhile', async () => {
    const { open } = await plugged(`export default {
      exec: ({ uid }) => (uid === 1 ? new Promise((done) => setTimeout(() => done({ status: 5 }), 50)) : { status: 6 }),
    };`);
    const [slow, fast] = [open(), open()];
    const late = slow.rpcLate(1, QUERY_ISSI, 16);
    assert.equal(fast.rpc(1, QUERY_ISSI, 16)[0], 6);
    assert.equal((await late)[0], 5);
  });

  it('fails with EIO and its file in the log, at once or later, and is asked again', async () => {
    const { open, firmware, log } = await plugged(`let calls = 0;
      export default { exec() {
        calls++;
        if (calls === 1) throw new Error('first');
        if (calls === 2) return Promise.reject(new RangeError('second'));
        if (calls === 3) return 'text';
        if (calls === 4) return { status: 256 };
        if (calls === 5) return Promise.resolve({ data: [1] });
        return { status: calls };
      }, opened() { throw new Error('opened'); } };`);
    const opened = open();
    const failed = refusedWith('EIO', new RegExp(`the firmware module ${firmware} failed`));
    assert.throws(() => opened.rpc(1, QUERY_ISSI, 16), failed);
    await assert.rejects(opened.rpcLate(1, QUERY_ISSI, 16), failed);
    assert.throws(() => opened.rpc(1, QUERY_ISSI, 16), failed);
    assert.throws(() => opened.rpc(1, QUERY_ISSI, 16), failed);
    await assert.rejects(opened.rpcLate(1, QUERY_ISSI, 16), failed);
    assert.equal(opened.rpc(1, QUERY_ISSI, 16)[0], 6);
    const lines = log();
    assert.equal(lines.length, 6, lines.join('\n'));
    for (const [index, what] of ['opened', 'first', 'second', 'string', 'status', 'data'].entries()) {
      assert.match(lines[index] ?? '', new RegExp(`^fwctl-emu: firmware module ${firmware}: .*${what}`));
    }
    assert.match(lines[1] ?? '', /\(at file:.*firmware-\d+\.mjs:\d+:\d+\)$/, 'where it was thrown');
  });

  it('is refused by the scope table like any other', async () => {
    const { open } = await plugged('export default { exec: () => ({ status: 0 }) };');
    assert.throws(() => open().rpc(3, SET_ISSI, 16), refusedWith('EBADMSG'));
  });
});

describe('loadModules', () => {
  it('says which file cannot be used, and why', async () => {
    const load = (firmware: string) => loadModules([firmware], 'exec');
    await assert.rejects(
      load('/nonexistent/fw.mjs'),
      /the firmware module \/nonexistent\/fw\.mjs cannot be loaded: .*Cannot find module/,
    );
    await assert.rejects(load(file('syntax error')), /cannot be loaded: SyntaxError/);
    await assert.rejects(load(file('throw new Error("at import")')), /cannot be loaded: Error: at import \(at file:/);
    await assert.rejects(
      load(file('export const exec = 1;')),
      /has no firmware as its default export; write: export default/,
    );
    assert.equal((await loadModules([undefined, 'loopback'], 'exec')).size, 0);
  });

  it('leaves the device unplugged when the module makes no firmware for it', async () => {
    await assert.rejects(
      plugged('export default () => { throw new Error("no"); }'),
      /made no firmware for 0000:00:0a\.0: Error: no/,
    );
    await assert.rejects(plugged('export default () => ({})'), /it has no exec/);
    const abi = abiProfile('latest');
    assert.ok(abi);
    const host = new Host({ abi, clock: systemClock, drivers: DRIVERS });
    assert.throws(
      () => host.plug({ ...DEFAULT_DEVICE, keys: { firmware: '/a/b.mjs' } }),
      /\/a\/b\.mjs has not been loaded/,
    );
    assert.deepEqual(host.devices(), []);
  });
});

describe('isModulePath', () => {
  it('tells a path from a word', () => {
    for (const path of ['./a', '/a/b', 'fw.mjs', 'fw.js', 'fw.cjs', 'fw.mts'])
      assert.equal(isModulePath(path), true, path);
    for (const word of ['loopback', 'mjs', 'fw.yaml']) assert.equal(isModulePath(word), false, word);
  });
});
