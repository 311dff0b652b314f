/**
 * Eight honest clients of one device, and beside them, one after the other, clients whose memory is late, hung, never
 * there or taken away while it is copied (build/c/memory). Asked of the emulator: no answer is wrong, no honest client
 * waits longer than the watcher's bounds make it, and nothing is left.
 */
import { join } from 'node:path';
import { seededRandom } from '../../src/host/interceptors/faults/random.ts';
import { copiersOf } from '../copiers.ts';
import { repository } from '../repository.ts';
import { MANY_DEVICES, STEADY_CLIENT } from './many.ts';
import { clientEnd, delay, inScratch, programEnd, withServer } from './server.ts';

export const MEMORY_CLIENT = join(repository, 'build/c/memory');
const HONEST = 8;
/** Cases that end with status 0, and what ends by its own doing: SIGKILL of the watcher, or of ours. */
const CASES = [
  ...['write-only', 'protections', 'untouched', 'shared', 'fork-and-exec', 'stack-below', 'missing'],
  ...['write-protected', 'touches-no-more', 'killed', 'unmapped', 'hung-file', 'zeros'],
];
const RACES = ['race', 'race-held'];

export interface OddMemoryResult {
  readonly seed: number;
  /** Calls of the honest clients, and those that were answered otherwise than the first. */
  readonly rpcs: number;
  readonly wrong: number;
  /** The longest that one of them took, ms. */
  readonly longestMs: number;
  /** How often each odd client ran. */
  readonly odd: Readonly<Record<string, number>>;
  /** What was not as it has to be, in words. */
  readonly bad: readonly string[];
}

export function oddMemory(options: { readonly ms: number; readonly seed: number }): Promise<OddMemoryResult> {
  return inScratch((place) =>
    withServer(place, { words: ['--device', MANY_DEVICES[0]?.spec ?? ''] }, async ({ pid, directory, stop }) => {
      const device = join(directory, 'fwctl0');
      const { ms, seed } = options;
      const words = [device, String(ms), ...(MANY_DEVICES[0]?.words ?? [])];
      let over = false;
      const honest = Promise.all(Array.from({ length: HONEST }, () => clientEnd(STEADY_CLIENT, words))).finally(() => {
        over = true;
      });
      const odd: Record<string, number> = {};
      const bad: string[] = [];
      const random = seededRandom(seed);
      while (!over) {
        const cases = random() < 0.15 ? RACES : CASES;
        const name = cases[Math.floor(random() * cases.length)] as string;
        odd[name] = (odd[name] ?? 0) + 1;
        const how = await oddClient(device, name);
        if (how !== undefined) bad.push(`${name}: ${how}`);
      }
      const ends = await honest;
      for (const { how } of ends) if (how !== '0') bad.push(`an honest client ended with ${how}`);
      await delay(300);
      const copiers = copiersOf(pid).length;
      if (copiers > 4) bad.push(`${copiers} copiers are left`);
      const { status, clean } = await stop();
      if (status !== 0) bad.push(`serve ended with ${status}`);
      if (!clean) bad.push('serve left its mount');
      const of = (key: string) => ends.map(({ counts }) => counts[key] ?? 0);
      const sum = (key: string) => of(key).reduce((total, count) => total + count, 0);
      return { seed, rpcs: sum('rpcs'), wrong: sum('wrong'), longestMs: Math.max(...of('longest_ms')), odd, bad };
    }),
  );
}

/** Undefined: as it has to end. */
async function oddClient(device: string, name: string): Promise<string | undefined> {
  const { how, text } = await programEnd(MEMORY_CLIENT, [device, name], { BY_FUSE: '1', ZEROS_MB: '4' });
  // among so many others it may not meet the server within its time
  if (RACES.includes(name)) return how === 'SIGKILL' || how === '0' ? undefined : `it ended with ${how}`;
  return how === '0' ? undefined : text.trim();
}
