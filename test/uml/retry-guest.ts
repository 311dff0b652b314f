/**
 * Runs in the guest, as root: a driver that reads and writes where its requests point to, over a true /dev/cuse by
 * ioctl retry. The kernel then runs each such ioctl several times, of which the client has made one: it counts once, a
 * fault strikes it once, one line is recorded.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ERRNO } from '../../src/abi/errno.ts';
import { ABI_PROFILES } from '../../src/abi/profiles.ts';
import { assemble } from '../../src/emulator/assembly.ts';
import { NO_COMMAND } from '../../src/fwctl/dialect.ts';
import { readFault } from '../../src/host/interceptors/faults/parse.ts';
import { RecordHub } from '../../src/host/interceptors/recording/record-hub.ts';
import { Stats } from '../../src/host/interceptors/stats/stats.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { DRIVERS } from '../../src/host/machine/drivers.ts';
import { loadMessages } from '../../src/host/machine/load-messages.ts';
import { CuseDevice } from '../../src/transport/cuse.ts';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { loadNative } from '../../src/transport/native.ts';
import { userNamespaceOf } from '../../src/transport/proc-caller.ts';
import { repository } from '../repository.ts';
import { ToyFwctl } from '../toy/driver.ts';
import { TOY_DRIVER } from '../toy/row.ts';
import { STATUSES, WORD } from '../toy/words.ts';

const RECORDING = '/tmp/retry.jsonl';
/** Its commands cannot be struck at a door: they are struck before the driver reads anything. */
const DOORLESS = { ...TOY_DRIVER, probe: () => ({ ops: new ToyFwctl([]) }) };
const abi = ABI_PROFILES.at(-1);
assert.ok(abi);
const native = loadNative();
const never = (error: unknown) => assert.fail(String(error));
const events = { ended() {}, bug: never, unreachable: never };
const bytes = Buffer.alloc(81920, Buffer.from(Array.from({ length: 256 }, (_, at) => at)));

for (const [major, name, toy] of [
  [240, 'with a door', TOY_DRIVER],
  [241, 'without a door', DOORLESS],
] as const) {
  const drivers = [...DRIVERS, toy];
  const messages = await loadMessages(drivers);
  const stats = new Stats(systemClock);
  const record = new RecordHub(async () => messages, assert.fail);
  const { host, faults } = assemble({ abi, lockdown: 'none', drivers, around: [record.taps, stats] });
  for (const text of ['rpc:word=INVERT:status=BROKEN:when=2', 'rpc:word=INVERT:error=EIO:when=3'])
    faults.add(readFault(text, messages));
  await record.start({ path: RECORDING, replace: true, masked: [] });
  const spec = { driver: 'toy', profile: 'toy', pci: '0000:00:0a.0', mode: 0o600, uid: 0, gid: 0, overrides: {} };
  const [fwctl] = host.plug(spec).nodes;
  assert.ok(fwctl);

  const { minor, fileOps } = fwctl;
  const options = { node: `fwctl/toy${major}`, major, minor, mode: 0o600, uid: 0, gid: 0, fileOps, retryOnly: true };
  const userNamespace = userNamespaceOf('self') ?? '';
  const cuse = new CuseDevice({ ...options, userNamespace }, native, new FuseBuffers(native), events);

  // 80 KiB cross what the kernel's ioctl retry gives at once
  const client = await promisify(execFile)(join(repository, 'build/c/toy-client'), [cuse.path, '81920', '4']);
  assert.equal(client.stdout, 'type 0x70\ninvert ok 8\ninvert status 7\ninvert EIO\ninvert ok 8\ndouble ok 42\n', name);
  process.stdout.write(`${name}: faults of the second and of the third call strike them\n`);

  cuse.close();
  record.stop();
  const lines = readFileSync(RECORDING, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const rpcs = lines.filter((line) => 'rpc' in line);
  assert.deepEqual(
    rpcs.map(({ about }) => about),
    ['INVERT -> OK', 'INVERT -> BROKEN', 'INVERT -> EIO', 'INVERT -> OK', 'DOUBLE -> OK'],
    name,
  );
  assert.deepEqual(rpcs[0].read, [[8, 0, bytes.toString('hex')]]);
  assert.deepEqual(rpcs[0].written, [[8, 0, Buffer.from(bytes.map((byte) => ~byte)).toString('hex')]]);
  assert.equal(rpcs[1].written, undefined);
  process.stdout.write(`${name}: one line is recorded for one call\n`);

  const counted = stats.of('fwctl0')?.counts?.calls() ?? [];
  assert.deepEqual(
    counted.map(({ command, outcome, count }) => [command, outcome, count]),
    [
      [NO_COMMAND, 0, 1], // FWCTL_INFO
      [WORD.INVERT, 0, 2],
      [WORD.INVERT, STATUSES[0].value, 1],
      [WORD.INVERT, -ERRNO.EIO, 1],
      [WORD.DOUBLE, 0, 1],
    ],
    name,
  );
  process.stdout.write(`${name}: one call is counted as one\n`);
}
process.exit();
