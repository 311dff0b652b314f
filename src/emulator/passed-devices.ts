/** `fwctl-emu record`: stands before nodes that are there, real or another emulator's; records what a command does. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FwctlOps } from '../fwctl/ops.ts';
import { CliError } from '../host/config/cli-error.ts';
import type { DeviceSpec, FunctionSpec } from '../host/config/device-spec.ts';
import { passThroughFwctl } from '../host/interceptors/recording/pass-through.ts';
import { type DriverRow, type FwctlDriverRow, fwctlRows } from '../host/machine/driver-row.ts';
import type { StandIns } from '../host/machine/host.ts';
import { openNode } from '../transport/client-file.ts';
import type { Native } from '../transport/native.ts';

export interface PassedDevices {
  readonly devices: readonly DeviceSpec[];
  readonly standIns: StandIns;
}

/** The nodes fwctlN of a directory. Throws CliError where there is none, or one does not answer. */
export async function passedDevices(
  directory: string,
  drivers: readonly DriverRow[],
  native: Native,
): Promise<PassedDevices> {
  const found = nodesOf(directory);
  if (found.length === 0) {
    const other = 'record an emulated device: fwctl-emu run --record FILE -- COMMAND';
    throw new CliError(`record: there is no device in ${directory}; name its directory with --from DIR, or ${other}`);
  }
  const entries = new Map<string, { spec: DeviceSpec; made: ReturnType<StandIns['probe']> }>();
  for (const name of found) {
    const path = join(directory, name);
    const type = await deviceTypeOf(path, native);
    const row = driverOf(type, drivers);
    const spec = specOf(path, name, row, [...entries.keys()]);
    const ops = passThroughFwctl(type, row.dialect, () => openNode(path, native)) as FwctlOps<unknown>;
    entries.set(spec.pci, { spec, made: { ops, minor: Number(name.slice('fwctl'.length)) } });
  }
  return {
    devices: [...entries.values()].map(({ spec }) => spec),
    standIns: { probe: (spec) => entries.get(spec.pci)?.made, commands: () => undefined },
  };
}

function nodesOf(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  const number = (name: string): number => Number(name.slice('fwctl'.length));
  return names.filter((name) => /^fwctl\d{1,4}$/.test(name)).sort((a, b) => number(a) - number(b));
}

async function deviceTypeOf(path: string, native: Native): Promise<number> {
  try {
    const file = await openNode(path, native);
    try {
      const info = await file.info();
      if ('errno' in info) throw Object.assign(new Error(), { code: `FWCTL_INFO: errno ${info.errno}` });
      return info.value.deviceType;
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(`record: ${path} does not answer as a fwctl device (${code}); may this user open it?`);
  }
}

/** The driver of that device type; of an unknown one, the driver whose devices say their own. */
function driverOf(type: number, drivers: readonly DriverRow[]): FwctlDriverRow {
  const rows = fwctlRows(drivers);
  const row =
    rows.find(({ deviceType }) => deviceType === type) ?? rows.find(({ deviceType }) => deviceType === undefined);
  if (row === undefined) throw new CliError(`record: there is no driver for a device of type ${type}`);
  return row;
}

/** As sysfs shows the device, so that the command finds it at its own address. */
function specOf(path: string, name: string, row: FwctlDriverRow, taken: readonly string[]): FunctionSpec {
  const { mode, uid, gid } = statSync(path);
  const id = pciNumber(name, 'device');
  const profile = (id === undefined ? undefined : row.profiles.nameOf(id)) ?? row.profiles.builtIn[0]?.name ?? row.name;
  const pci = pciOf(name) ?? firstFree(taken);
  return { driver: row.name, profile, pci, mode: mode & 0o777, uid, gid, overrides: {} };
}

function pciOf(name: string): string | undefined {
  try {
    const address = basename(realpathSync(`/sys/class/fwctl/${name}/device`));
    return /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** A number of the function's configuration space; undefined: sysfs does not tell. */
function pciNumber(name: string, file: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/fwctl/${name}/device/${file}`, 'latin1'));
  } catch {
    return undefined;
  }
}

function firstFree(taken: readonly string[]): string {
  for (let device = 0x0a; device < 0x20; device++) {
    const address = `0000:00:${device.toString(16).padStart(2, '0')}.0`;
    if (!taken.includes(address)) return address;
  }
  const what = 'more devices without a PCI address than can be shown';
  throw new CliError(`record: there are ${what}; record fewer with --from DIR`);
}
