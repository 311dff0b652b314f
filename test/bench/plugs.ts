/** What comes and goes beside many devices: a plug and an unplug over the control socket, and the class in sysfs. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { callMethod } from '../../src/control/client.ts';
import { METHODS } from '../../src/control/methods.ts';
import { repository } from '../repository.ts';
import { row, type TableRow } from './report.ts';
import { type Server, socketOf } from './servers.ts';
import { median, pairedRatio } from './stats.ts';

const TIMES = 30;
/** Of the first device: there may be no number for one more. */
const ADDRESS = '0000:00:0a.0';

/** Each over the control socket, with all that it takes; in turns with a server of one device. */
export async function plugRows(many: Server, few: Server, devices: number): Promise<TableRow[]> {
  const steps = [
    ['unplug', { device: ADDRESS }],
    ['plug', { spec: `connectx6dx,pci=${ADDRESS}` }],
  ] as const;
  const times = steps.map(() => ({ ours: [] as number[], theirs: [] as number[] }));
  for (let i = 0; i < TIMES; i++) {
    for (const [k, [verb, values]] of steps.entries()) {
      times[k]?.ours.push(await callMs(many, verb, values));
      times[k]?.theirs.push(await callMs(few, verb, values));
    }
  }
  return steps.map(([verb], k) => {
    const { ours = [], theirs = [] } = times[k] ?? {};
    return msRow(verb, `${verb}, beside ${devices} devices`, ours, theirs, 'beside: one device');
  });
}

async function callMs(server: Server, verb: string, values: Record<string, string>): Promise<number> {
  const method = METHODS.find((known) => known.verb === verb);
  if (method === undefined) throw new Error(`there is no ${verb}`);
  const started = performance.now();
  await callMethod(socketOf(server.directory), method, values);
  return performance.now() - started;
}

/** `ls -l /sys/class/fwctl` within `run`. */
export function sysfsRow(devices: number): TableRow {
  return msRow(
    'sysfs',
    `ls -l /sys/class/fwctl, ${devices} devices`,
    listings(devices),
    listings(1),
    'beside: one device',
  );
}

function listings(devices: number): number[] {
  const script =
    'for i in 1 2 3 4 5; do s=$(date +%s%N); ls -l /sys/class/fwctl | wc -l; echo $(($(date +%s%N) - s)); done';
  const command = ['run', '--device', `connectx6dx,count=${devices}`, '--', 'sh', '-c', script];
  const { status, stdout, stderr } = spawnSync(join(repository, 'scripts/fwctl-emu'), command, { encoding: 'utf8' });
  const numbers = stdout.trim().split('\n').map(Number);
  const counted = numbers.filter((_, i) => i % 2 === 0);
  // and the line with the total
  if (status !== 0 || counted.some((lines) => lines !== devices + 1))
    throw new Error(`${devices} devices in sysfs: ${stdout}${stderr}`);
  return numbers.filter((_, i) => i % 2 === 1).map((ns) => ns / 1e6);
}

function msRow(
  name: string,
  title: string,
  ours: readonly number[],
  theirs: readonly number[],
  note: string,
): TableRow {
  const ratio = pairedRatio(ours, theirs);
  const numbers = {
    p50: median(ours),
    p99: median(ours),
    reference: median(theirs),
    ratio_p50: ratio,
    ratio_p99: ratio,
  };
  return row({ name, title, unit: 'ms', ...numbers, note });
}
