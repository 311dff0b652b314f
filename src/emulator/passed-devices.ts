/** `fwctl-emu record`: stands before the nodes that are there, real ones or another emulator's, and records what a command does. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEVICE_TYPE } from '../abi/fwctl.ts';
import { DEVICE_PROFILES } from '../devices/mlx5/profiles.ts';
import type { FwctlOps } from '../fwctl/ops.ts';
import { DEFAULT_DEVICE } from '../host/config/defaults.ts';
import type { Probed } from '../host/machine/drivers.ts';
import type { DeviceSpec, FunctionSpec } from '../host/machine/host-device.ts';
import { passThroughFwctl } from '../host/interceptors/recording/pass-through.ts';
import { openNode } from '../transport/client-file.ts';
import type { Native } from '../transport/native.ts';
import { CliError } from './cli-error.ts';

export interface PassedDevices {
  readonly devices: readonly DeviceSpec[];
  probe(spec: FunctionSpec): Probed | undefined;
}

/** The nodes fwctlN of a directory. Throws CliError where there is none, or one does not answer. */
export async function passedDevices(directory: string, native: Native): Promise<PassedDevices> {
  const found = nodesOf(directory);
  if (found.length === 0) {
    throw new CliError(
      `record: there is no device in ${directory}; name its directory with --from DIR, or record an emulated device: fwctl-emu run --record FILE -- COMMAND`,
    );
  }
  const entries = new Map<string, { spec: DeviceSpec; made: Probed }>();
  for (const name of found) {
    const path = join(directory, name);
    const type = await deviceTypeOf(path, native);
    const spec = specOf(path, name, type, [...entries.keys()]);
    const ops = passThroughFwctl(type, () => openNode(path, native)) as FwctlOps<unknown>;
    entries.set(spec.pci, { spec, made: { ops, minor: Number(name.slice('fwctl'.length)) } });
  }
  return {
    devices: [...entries.values()].map(({ spec }) => spec),
    probe: (spec) => entries.get(spec.pci)?.made,
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

/** As sysfs shows the device, so that the command finds it at its own address. */
function specOf(path: string, name: string, type: number, taken: readonly string[]): FunctionSpec {
  const { mode, uid, gid } = statSync(path);
  const mlx5 = type === DEVICE_TYPE.MLX5;
  const driver = mlx5 ? 'mlx5' : 'raw';
  const profile = mlx5 ? (profileOf(name) ?? DEFAULT_DEVICE.profile) : 'loopback';
  const pci = pciOf(name) ?? firstFree(taken);
  return { driver, profile, pci, mode: mode & 0o777, uid, gid, overrides: {} };
}

function pciOf(name: string): string | undefined {
  try {
    const address = basename(realpathSync(`/sys/class/fwctl/${name}/device`));
    return /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** The profile with that PCI device id: what the view's sysfs says. */
function profileOf(name: string): string | undefined {
  try {
    const id = Number(readFileSync(`/sys/class/fwctl/${name}/device/device`, 'latin1'));
    return DEVICE_PROFILES.find(({ identity }) => identity.pci_device_id === id)?.name;
  } catch {
    return undefined;
  }
}

function firstFree(taken: readonly string[]): string {
  for (let device = 0x0a; device < 0x20; device++) {
    const address = `0000:00:${device.toString(16).padStart(2, '0')}.0`;
    if (!taken.includes(address)) return address;
  }
  throw new CliError(
    'record: there are more devices without a PCI address than can be shown; record fewer with --from DIR',
  );
}
