/**
 * What many devices cost a view, in CPU time: `run` of a command that does nothing, of all processes; and in a view
 * that runs, plugging as many at once and unplugging each, of the emulator.
 * By itself: node dist/test/bench/view-scale.js
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callMethod } from '../../src/control/client.ts';
import { METHODS } from '../../src/control/methods.ts';
import { repository } from '../repository.ts';
import { row, type TableRow, toTable } from './report.ts';
import { median } from './stats.ts';

const PROGRAM = join(repository, 'scripts/fwctl-emu');
const TIMES = 5;
/** /proc/PID/stat counts in hundredths of a second (USER_HZ). */
const TICK_MS = 10;

/** Rows for a quarter of `most` devices, for `most`, and for plug and unplug in a view of one. */
export async function viewScaleRows(most: number): Promise<TableRow[]> {
  const counts = [Math.ceil(most / 4), most];
  const cpu = [1, ...counts].map((): number[] => []);
  for (let i = 0; i < TIMES; i++) for (const [k, count] of [1, ...counts].entries()) cpu[k]?.push(runCpu(count));
  const one = median(cpu[0] ?? []);
  const runs = counts.map((count, k) =>
    cpuRow(`run-cpu-${count}`, `CPU of run -- true, ${count} devices`, median(cpu[k + 1] ?? []), one),
  );
  const { plugged, unplugged } = await inView(most - 1);
  return [
    ...runs,
    cpuRow('view-plug', `CPU to plug ${most - 1} at once in a view`, plugged, Number.NaN),
    cpuRow('view-unplug', `CPU to unplug each of ${most - 1} in a view`, unplugged, Number.NaN),
  ];
}

function cpuRow(name: string, title: string, ms: number, reference: number): TableRow {
  const ratio = ms / reference;
  const note = Number.isNaN(reference) ? '' : 'beside: one device';
  return row({ name, title, unit: 'ms', p50: ms, p99: ms, reference, ratio_p50: ratio, ratio_p99: ratio, note });
}

/** User and system time of the emulator and the command, ms, as the shell's `times` tells of its children. */
function runCpu(count: number): number {
  const command = [PROGRAM, 'run', '--device', `connectx6dx,count=${count}`, '--', 'true'];
  const { status, stdout, stderr } = spawnSync('sh', ['-c', '"$@" && times', 'sh', ...command], { encoding: 'utf8' });
  const times = stdout.split('\n')[1]?.match(/(\d+)m([\d.]+)s (\d+)m([\d.]+)s/);
  if (status !== 0 || times == null) throw new Error(`run with ${count} devices: ${stdout}${stderr}`);
  const [user = 0, userSeconds = 0, system = 0, systemSeconds = 0] = times.slice(1).map(Number);
  return ((user + system) * 60 + userSeconds + systemSeconds) * 1000;
}

/** Plugs and unplugs `count` devices while a command runs: the emulator's CPU time for all of them, ms. */
async function inView(count: number): Promise<{ plugged: number; unplugged: number }> {
  const command = ['run', '--', 'sh', '-c', 'echo $FWCTL_EMU_SOCKET; read line'];
  const emulator = spawn(PROGRAM, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  let socket = '';
  const call = async (verb: string, values: Record<string, string>) => {
    const method = METHODS.find((known) => known.verb === verb);
    if (method === undefined) throw new Error(`there is no ${verb}`);
    return callMethod(socket, method, values);
  };
  try {
    const [line] = (await once(emulator.stdout, 'data')) as [Buffer];
    socket = line.toString().trim();
    const start = cpuOf(emulator.pid);
    await call('plug', { spec: `connectx6dx,count=${count}` });
    const plugged = cpuOf(emulator.pid);
    for (let index = 1; index <= count; index++) await call('unplug', { device: `fwctl${index}` });
    return { plugged: plugged - start, unplugged: cpuOf(emulator.pid) - plugged };
  } finally {
    emulator.stdin.end();
    await once(emulator, 'exit');
  }
}

function cpuOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return ((user ?? 0) + (system ?? 0)) * TICK_MS;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(toTable('fwctl-emu', 'one device', await viewScaleRows(4096)));
