/** `fwctl-emu syndromes`: the codes by which each driver's firmware refuses, listed or looked up. */
import { didYouMean } from '../abi/nearest-name.ts';
import type { RefusalCode } from '../fwctl/dialect.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { type DriverRow, fwctlRows } from '../host/machine/driver-row.ts';
import type { SyndromesOptions } from './command.ts';
import { namedDriver } from './named-driver.ts';

interface DriverCode extends RefusalCode {
  readonly driver: string;
}

const HEAD = `mlx5: the statuses are the PRM's, the syndromes 0x00e0xxxx the emulated firmware's own (a real one's are not public).
The others' numbers are those of kernel headers and specifications.`;

/** Of one driver or of all; with `code`, those of that number, or name, or part of a name. Throws CliError. */
export async function syndromesText(
  drivers: readonly DriverRow[],
  code: string | undefined,
  { driver, json = false }: SyndromesOptions,
): Promise<string> {
  const rows = driver === undefined ? fwctlRows(drivers) : [namedDriver(drivers, driver)];
  const all = await Promise.all(
    rows.map(async ({ name, dialect }) =>
      (await dialect.load()).refusalCodes.map((row): DriverCode => ({ driver: name, ...row })),
    ),
  );
  const codes = all.flat();
  const found = code === undefined ? codes : codesOf(code, codes);
  if (json) return JSON.stringify({ codes: found }, null, 2);
  if (code !== undefined) return found.map(whole).join('\n');
  return [HEAD, ...listed(found)].join('\n');
}

function codesOf(code: string, codes: readonly DriverCode[]): readonly DriverCode[] {
  const asNumber = /^(0x[0-9a-f]+|\d+)$/i.test(code) ? Number(code) : undefined;
  const asked = code.toUpperCase();
  const exact = codes.filter(({ number, name }) => (asNumber === undefined ? name === asked : number === asNumber));
  const found = exact.length > 0 || asNumber !== undefined ? exact : codes.filter(({ name }) => name.includes(asked));
  if (found.length > 0) return found;
  const names = codes.map(({ name }) => name);
  const near = asNumber === undefined ? didYouMean(asked, names) : '';
  throw new CliError(
    `syndromes: no firmware here refuses with ${code}${near}; without CODE they are listed`,
    EXIT.usage,
  );
}

/** One, with all that is known. */
function whole({ driver, field, number, name, text, remedy, with: status, errno }: DriverCode): string {
  const beside = status === undefined ? '' : `, with status ${status}`;
  const becomes = errno === undefined ? '' : `; the kernel's driver makes ${errno} of it`;
  const lines = [`${driver} ${field} ${hex(number)} ${name}${beside}: ${text}${becomes}`];
  if (remedy !== undefined) lines.push(`  fix: ${remedy}`);
  return lines.join('\n');
}

function listed(codes: readonly DriverCode[]): string[] {
  const width = Math.max(...codes.map(({ name }) => name.length));
  let group = '';
  return codes.flatMap(({ driver, field, number, name, text, with: status, errno }) => {
    const head = `${driver} ${field}`;
    const title = head === group ? [] : ['', `${head}:`];
    group = head;
    const beside = [status, errno].filter((word) => word !== undefined).map((word) => ` (${word})`);
    return [...title, `  ${hex(number).padEnd(9)} ${name.padEnd(width)}  ${text}${beside.join('')}`];
  });
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
