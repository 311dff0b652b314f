/**
 * How many times slower than usual this machine is: FWCTL_TEST_SLOW=10 for an emulated processor. Loaded before every
 * test file (node --import, by scripts/test), it makes the time limits of child_process so much longer; a test that has
 * a limit of its own multiplies it.
 */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** A whole number, 1 unless told; scripts/test has looked at it. */
export const SLOWNESS = Number(process.env.FWCTL_TEST_SLOW || 1);

/** Of node:child_process: their options, an argument wherever it stands, may have a `timeout` in ms. */
const LIMITED = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync'] as const;

type Anything = (...args: unknown[]) => unknown;

if (SLOWNESS > 1) {
  const functions = childProcess as unknown as Record<string, Anything>;
  for (const name of LIMITED) functions[name] = new Proxy(functions[name] as Anything, { apply: patient });
  syncBuiltinESMExports();
}

function patient(target: Anything, self: unknown, args: unknown[]): unknown {
  return Reflect.apply(target, self, args.map(longer));
}

function longer(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { timeout } = value as { readonly timeout?: unknown };
  return typeof timeout === 'number' ? { ...value, timeout: timeout * SLOWNESS } : value;
}
