/**
 * `fwctl-emu scopes`: which command passes in which scope, as the drivers' tables have it for one kernel. What the core
 * asks for beside that is drivers/fwctl/main.c, fwctl_cmd_rpc().
 */
import { SCOPE } from '../abi/fwctl.ts';
import { ABI_PROFILES, type AbiProfile, abiProfile, DEFAULT_ABI } from '../abi/profiles.ts';
import type { ScopeTableRow } from '../fwctl/dialect.ts';
import { unknownAbi } from '../host/config/abi-name.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { type DriverRow, type FwctlDriverRow, fwctlRows } from '../host/machine/driver-row.ts';
import type { ScopesOptions } from './command.ts';
import { namedDriver } from './named-driver.ts';

interface DriverScopes {
  readonly driver: string;
  readonly device_type: number | null;
  /** Null: the driver lets all pass. */
  readonly commands: readonly ScopeTableRow[] | null;
}

const SCOPES = Object.entries(SCOPE);
const HEAD = `Scopes: ${SCOPES.map(([name, scope]) => `${scope} ${name}`).join(', ')}.
2 and 3 taint the kernel; 3 needs CAP_SYS_RAWIO. What is not listed passes in none.`;

/** Of one driver, or of every one that the kernel has. Throws CliError for names that there are not. */
export async function scopesText(drivers: readonly DriverRow[], options: ScopesOptions): Promise<string> {
  const name = options.abi ?? DEFAULT_ABI;
  const abi = abiProfile(name);
  if (abi === undefined) throw new CliError(`--abi: ${unknownAbi(name)}`, EXIT.usage);
  const tables = await Promise.all(chosen(drivers, options.driver, abi).map((row) => tableOf(row, abi)));
  if (options.json) return JSON.stringify({ abi: abi.name, drivers: tables }, null, 2);
  return [HEAD, ...tables.flatMap((table) => ['', ...lines(table, abi)])].join('\n');
}

function chosen(drivers: readonly DriverRow[], name: string | undefined, abi: AbiProfile): FwctlDriverRow[] {
  const index = (one: string) => ABI_PROFILES.findIndex((profile) => profile.name === one);
  const has = ({ since }: FwctlDriverRow) => since === undefined || index(since) <= index(abi.name);
  if (name === undefined) return fwctlRows(drivers).filter(has);
  const row = namedDriver(drivers, name);
  if (has(row)) return [row];
  throw new CliError(`${abi.title} has no driver ${name}: the first that has is --abi ${row.since}`, EXIT.usage);
}

async function tableOf({ name: driver, deviceType, dialect }: FwctlDriverRow, abi: AbiProfile): Promise<DriverScopes> {
  const commands = (await dialect.load()).scopeTable(abi) ?? null;
  return { driver, device_type: deviceType ?? null, commands };
}

function lines({ driver, commands }: DriverScopes, { title, name }: AbiProfile): string[] {
  const head = `Driver ${driver}, ${title} (--abi ${name}):`;
  if (commands === null) return [head, '  it lets everything pass that the core admits'];
  const passes = (scopes: readonly number[]) =>
    SCOPES.map(([, scope]) => (scopes.includes(scope) ? scope : '-')).join(' ');
  const rows = commands.map(({ number, name: command, when, scopes }) => {
    const hex = number === undefined ? '' : `0x${number.toString(16).padStart(4, '0')} `;
    return `  ${passes(scopes)}  ${hex}${command}${when === undefined ? '' : `, ${when}`}`;
  });
  return [head, ...rows];
}
