/**
 * What iommufd's bookkeeping costs as mappings grow: MAP, COPY and
 * UNMAP by a C client in a view, 100 beside 100,000 in one run.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../repository.ts';
import { row, type TableRow } from './report.ts';

interface Line {
  readonly name: string;
  /** Median ns of a call. */
  readonly few: number;
  readonly many: number;
  readonly few_p99: number;
  readonly many_p99: number;
}

/** `cpu`: of client and server. Throws with what the client said. */
export function iommufdRows(cpu: number, rounds: number, mappings = 100_000): readonly TableRow[] {
  const client = [join(repository, 'build/c/iommu-bench'), String(rounds), String(mappings)];
  const emulator = [join(repository, 'scripts/fwctl-emu'), 'run', '--device', 'iommufd', '--'];
  const words = ['-c', String(cpu), ...emulator, ...client];
  const run = spawnSync('taskset', words, { encoding: 'utf8', timeout: 300_000 });
  if (run.status !== 0) throw new Error(`iommufd: ${run.stderr?.trim() || run.error?.message || run.signal}`);
  const lines = run.stdout.trimEnd().split('\n');
  return lines.map((line) => {
    const { name, few, many, few_p99, many_p99 } = JSON.parse(line) as Line;
    const numbers = { p50: many / 1000, p99: many_p99 / 1000, reference: few / 1000 };
    const ratios = { ratio_p50: many / few, ratio_p99: many_p99 / few_p99 };
    const title = `iommufd ${name.toUpperCase()}, ${mappings} mappings`;
    return row({ name: `iommufd-${name}`, title, unit: 'us', ...numbers, ...ratios, note: 'beside: 100 mappings' });
  });
}
