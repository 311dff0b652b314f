/**
 * Two devices of each driver of fwctl and /dev/iommu in one machine, a client on each, while one device after the other
 * is unplugged and plugged, or replugged. Asked of the emulator: every answer is the device's own or ENODEV, no client
 * waits forever, nothing is left. In `serve`, and, by many-inside.ts, in `run`.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../src/host/interceptors/faults/random.ts';
import { repository } from '../repository.ts';
import { type Calling, type ClientEnd, clientEnd, delay, inScratch, MAIN, withServer } from './server.ts';

interface ManyDevice {
  readonly spec: string;
  /** Arguments of steady-client behind its milliseconds. */
  readonly words: readonly string[];
  /** enum fwctl_device_type. */
  readonly type: number;
  /** Of its answer, in hex, and of no other device's. */
  readonly own: string;
}

export const STEADY_CLIENT = join(repository, 'build/c/steady-client');
const IOMMU_CLIENT = join(repository, 'build/c/iommu-map');
const INSIDE = fileURLToPath(new URL('many-inside.js', import.meta.url));
const CXL_VENDOR_TEST = 'VENDOR_TEST';

/** fwctl0 to fwctl9. */
export const MANY_DEVICES: readonly ManyDevice[] = ['left', 'right'].flatMap((name, n) => {
  const ascii = Buffer.from(name).toString('hex');
  const mac = `02a0a0a0a0a${n}`;
  return [
    {
      // ACCESS_REG, a read of NODE_DESC
      spec: `connectx6dx,set.registers.NODE_DESC.node_description=${name}`,
      words: ['1', '80', `080500000000000100006001${'00'.repeat(68)}`],
      type: 1,
      own: ascii,
    },
    {
      // HWRM FUNC_QCAPS of fid 0xffff, whose response has the MAC address, and at 4 the driver's sequence number
      spec: `bnxt57508,set.mac=${mac}`,
      words: ['1', '128', `1500ffff0000ffff${'00'.repeat(8)}ffff000000000000`, '-', '4:2'],
      type: 3,
      own: mac,
    },
    {
      // GET_FEATURE, 4 bytes of the current data
      spec: `cxl-type3,set.features.${CXL_VENDOR_TEST}.data=hex:c0ffee0${n}`,
      words: ['0', '12', `010500000000000015000000${'00'.repeat(4)}${'ff'.repeat(16)}0000040000`],
      type: 2,
      own: `c0ffee0${n}`,
    },
    {
      // endpoint 1, operation 1, whose response is at out_payload
      spec: `pds-example,set.endpoints.0x1.operations.0x10001.reply=text:${name}`,
      words: ['0', '48', `0100010001000000${'00'.repeat(28)}10000000${'00'.repeat(8)}`, '40:16'],
      type: 4,
      own: ascii,
    },
    {
      // QUERY_VGPU_PROPERTIES of one type
      spec: `nova-example,set.types.1519.name=${name}`,
      words: ['0', '400', '0600020000000000ef050000'],
      type: 5,
      own: ascii,
    },
  ];
});

export const MANY_WORDS: readonly string[] = [...MANY_DEVICES.map(({ spec }) => spec), 'iommufd'].flatMap((spec) => [
  '--device',
  spec,
]);

export interface ManyOptions {
  readonly ms: number;
  readonly seed: number;
  /** Mean time between two changes, ms. */
  readonly pauseMs: number;
}

/** Those of steady-client. */
export type SteadyCounts = Readonly<Record<'rpcs' | 'good' | 'gone' | 'opens' | 'wrong', number>>;

export interface ManyResult {
  /** By the device's name, and its driver's or profile's. */
  readonly clients: Readonly<Record<string, SteadyCounts>>;
  /** What was not as it has to be, in words. */
  readonly bad: readonly string[];
  readonly unplugs: number;
  readonly replugs: number;
  /** Runs of the client of /dev/iommu. */
  readonly iommuRuns: number;
  /** Of the emulator, when all clients had ended. */
  readonly openFiles: number;
  readonly held: number;
  readonly rssMb: number;
}

/** In `serve`; what is left of it is told as well. */
export function manyServed(options: ManyOptions): Promise<ManyResult> {
  return inScratch((place) =>
    withServer(place, { words: MANY_WORDS }, async ({ directory, call, stop }) => {
      const result = await comeAndGo(directory, join(directory, 'iommu'), call, options);
      const { status, clean } = await stop();
      const left = [
        ...(status === 0 ? [] : [`serve ended with ${status}`]),
        ...(clean ? [] : ['serve left its mount']),
      ];
      return { ...result, bad: [...result.bad, ...left] };
    }),
  );
}

/** In `run`: its command is many-inside.ts, whose result this is. */
export async function manyRun(options: ManyOptions): Promise<ManyResult> {
  const words = ['run', '--log-level', 'error', ...MANY_WORDS, '--', process.execPath, INSIDE, JSON.stringify(options)];
  const { how, text } = await clientEnd(process.execPath, [MAIN, ...words]);
  const result = JSON.parse(text) as ManyResult;
  return how === '0' ? result : { ...result, bad: [...result.bad, `run ended with ${how}`] };
}

/** `directory`: of the nodes. */
export async function comeAndGo(
  directory: string,
  iommu: string,
  call: Calling,
  { ms, seed, pauseMs }: ManyOptions,
): Promise<ManyResult> {
  let ended = false;
  const running = MANY_DEVICES.map(({ words }, n) =>
    clientEnd(STEADY_CLIENT, [join(directory, `fwctl${n}`), String(ms), ...words]),
  );
  const ends = Promise.all(running).finally(() => {
    ended = true;
  });
  const iommuRuns = mapAgain(iommu, () => ended);
  const random = seededRandom(seed);
  let unplugs = 0;
  let replugs = 0;
  while (!ended) {
    await delay(pauseMs * 2 * random());
    if (ended) break;
    // each of them in turn, or one may never have come
    const n = (unplugs + replugs) % MANY_DEVICES.length;
    if (random() < 0.5) {
      await replugged(call, n);
      replugs++;
    } else {
      await unplug(call, `fwctl${n}`);
      await delay(5 * random());
      await plug(call, n);
      unplugs++;
    }
  }
  const clients = await ends;
  const runs = await iommuRuns;
  // Releases come after the close, without anybody waiting for them.
  await delay(200);
  const stats = (await call('/v1/stats', 'GET')) as Stats;
  const { devices } = (await call('/v1/devices', 'GET')) as { devices: readonly { name: string; profile: string }[] };
  const there = devices.map(({ name, profile }) => `${name} ${profile}`);
  return {
    clients: Object.fromEntries(clients.map(({ counts }, n) => [nameOf(n), counts as SteadyCounts])),
    bad: [
      ...clients.flatMap((end, n) => wrongs(end, n)),
      ...runs.filter((status) => status !== 0).map((status) => `iommu-map ended with ${status}`),
      ...MANY_DEVICES.flatMap((_, n) => (there.includes(nameOf(n)) ? [] : [`${nameOf(n)} is not there`])),
      ...(there.length === MANY_DEVICES.length + 1 ? [] : [`there are ${there.join(', ')}`]),
    ],
    unplugs,
    replugs,
    iommuRuns: runs.length,
    openFiles: stats.devices.reduce((total, device) => total + device.open_files, 0),
    held: stats.devices.reduce((total, device) => total + device.held, 0),
    rssMb: stats.memory.rss / 1e6,
  };
}

interface Stats {
  readonly devices: readonly { readonly open_files: number; readonly held: number }[];
  readonly memory: { readonly rss: number };
}

function nameOf(n: number): string {
  return `fwctl${n} ${MANY_DEVICES[n]?.spec.split(',')[0]}`;
}

function wrongs({ how, counts, text }: ClientEnd, n: number): string[] {
  const { type, own } = MANY_DEVICES[n] as ManyDevice;
  return [
    ...(how === '0' ? [] : [`the client of ${nameOf(n)} ended with ${how}`]),
    ...(counts.type === type ? [] : [`${nameOf(n)} has device type ${counts.type}`]),
    ...(text.includes(own) ? [] : [`the answer of ${nameOf(n)} is not its own: ${text}`]),
  ];
}

/** Statuses of the client of /dev/iommu, which stays where it is. */
async function mapAgain(node: string, ended: () => boolean): Promise<(number | null)[]> {
  const statuses: (number | null)[] = [];
  while (!ended()) {
    const child = spawn(IOMMU_CLIENT, [node], { stdio: ['ignore', 'ignore', 'inherit'] });
    statuses.push(await new Promise((resolve) => child.once('close', resolve)));
    await delay(20);
  }
  return statuses;
}

async function unplug(call: Calling, device: string): Promise<void> {
  await call('/v1/devices/{device}', 'DELETE', { device });
}

/** The number is free when the last orphan is closed: until then the device would come back by another. */
async function plug(call: Calling, n: number): Promise<void> {
  for (;;) {
    const spec = MANY_DEVICES[n]?.spec ?? '';
    const { plugged } = (await call('/v1/devices', 'POST', { spec })) as { plugged: { name: string }[] };
    const name = plugged[0]?.name ?? '';
    if (name === `fwctl${n}`) return;
    await unplug(call, name);
    await delay(2);
  }
}

async function replugged(call: Calling, n: number): Promise<void> {
  const device = `fwctl${n}`;
  const { plugged } = (await call('/v1/devices/{device}/replug', 'POST', { device })) as { plugged: { name: string } };
  if (plugged.name === device) return;
  await unplug(call, plugged.name);
  await plug(call, n);
}
