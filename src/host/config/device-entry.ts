/**
 * From device entries as people write them to complete DeviceSpecs: names looked up, defaults filled in, counts spread out
 * over PCI addresses. Used for a configuration file and for `--device`; who calls knows the place of each key.
 */
import { resolve } from 'node:path';
import { didYouMean } from '../../abi/nearest-name.ts';
import type { Accounts } from './accounts.ts';
import { DEFAULT_DEVICE } from './defaults.ts';
import { MAX_COUNT } from './device-keys.ts';
import { isModulePath, LOOPBACK } from '../machine/drivers/mlx5/firmware-module.ts';
import type { DeviceSpec } from '../machine/host-device.ts';
import { DEFAULT_IOMMUFD, type IommufdSpec, readIommufdAbi, readThp } from '../machine/drivers/iommufd.ts';
import { formatPciAddress, nextPciAddress, type PciAddress, parsePciAddress } from './pci-address.ts';
import { DEFAULT_RAW, type RawSpec, readDeviceType, readInfo, readRpc } from '../machine/drivers/raw-spec.ts';

export type OverrideValue = DeviceSpec['overrides'][string];

/** One device as written: types are right, meanings are not yet looked at. */
export interface DeviceEntry {
  driver?: string;
  profile?: string;
  pci?: string;
  count?: number;
  /** Octal digits, with or without `0` or `0o` in front. */
  mode?: string;
  owner?: string;
  group?: string;
  /** `loopback`, or a module's path. */
  firmware?: string;
  /** Driver raw, as raw-spec.ts reads them. */
  device_type?: string;
  info?: string;
  rpc?: string;
  /** Driver iommufd, as iommufd-device.ts reads them. */
  abi?: string;
  thp?: string;
  set?: Record<string, OverrideValue>;
}

/** An entry, and the way to say what is wrong with one of its keys (`pci`, `set.caps.X`; undefined: the entry as a whole). */
export interface PlacedEntry {
  readonly entry: DeviceEntry;
  complain(key: string | undefined, message: string): void;
}

export interface CatalogueDriver {
  readonly name: DeviceSpec['driver'];
  readonly profiles: readonly string[];
  /** The machine has it once, and on no bus; the node's mode unless told. Absent: it is a PCI function's. */
  readonly builtIn?: { readonly mode: number };
}

/** What devices there can be. The first driver and each driver's first profile are the defaults. */
export interface DeviceCatalogue {
  readonly drivers: readonly CatalogueDriver[];
  /** Whether the name is a profile file's path. Throws an Error that says what is wrong with the file. Absent: there are no such. */
  profileFile?(name: string): boolean;
  /** Throws an Error with a clear message when the profile does not take these values. */
  checkOverrides(profile: string, overrides: Readonly<Record<string, OverrideValue>>): void;
}

export interface DeviceRules {
  readonly catalogue: DeviceCatalogue;
  readonly accounts: Accounts;
  /** FWCTL_MAX_DEVICES of the ABI profile. */
  readonly maxDevices: number;
  /** PCI addresses of devices that are plugged already. */
  readonly taken?: readonly string[];
}

/** An entry that was understood, its addresses still to be given. */
interface Draft {
  /** Place in the list, from 0. */
  readonly index: number;
  readonly placed: PlacedEntry;
  readonly spec: Omit<DeviceSpec, 'pci'>;
  readonly pci: PciAddress | undefined;
  /** Undefined: it is on no bus. */
  readonly count: number | undefined;
}

/** The devices of all entries, in their order. Whatever is wrong is said by `complain`; the result then leaves entries out. */
export function readDevices(entries: readonly PlacedEntry[], rules: DeviceRules): DeviceSpec[] {
  const drafts = entries.map((placed, index) => draftOf(placed, index, rules)).filter((draft) => draft !== undefined);
  const specs = giveAddresses(drafts, rules.taken ?? []);
  refuseSeconds(drafts);
  if (specs.filter(({ pci }) => pci !== undefined).length > rules.maxDevices) {
    drafts
      .at(-1)
      ?.placed.complain(
        undefined,
        `${specs.length} devices are more than the ${rules.maxDevices} that this kernel has numbers for; ask for fewer`,
      );
  }
  return specs;
}

function draftOf(placed: PlacedEntry, index: number, rules: DeviceRules): Draft | undefined {
  const { entry } = placed;
  let sound = true;
  /** The value, or undefined with the complaint made. */
  const read = <T>(key: string, reader: () => T): T | undefined => {
    try {
      return reader();
    } catch (error) {
      sound = false;
      placed.complain(key, (error as Error).message);
      return undefined;
    }
  };
  const driver = read('driver', () => readDriver(entry, rules.catalogue));
  const profile = driver && read('profile', () => readProfile(entry, driver, rules.catalogue));
  const builtIn = rules.catalogue.drivers.find(({ name }) => name === driver)?.builtIn;
  if (builtIn !== undefined) read('pci', () => refuseKey(entry, 'pci', `driver ${driver} is on no bus`));
  if (builtIn !== undefined) read('count', () => refuseKey(entry, 'count', `a machine has one ${driver}`));
  const pci = read('pci', () => readPci(entry.pci));
  const count = read('count', () => readCount(entry.count));
  const mode = read('mode', () => readMode(entry.mode, builtIn?.mode));
  const uid = read('owner', () => readAccount('user', entry.owner, rules.accounts));
  const gid = read('group', () => readAccount('group', entry.group, rules.accounts));
  const firmware = driver && read('firmware', () => readFirmware(entry, driver));
  const raw = driver && readRaw(entry, driver, read);
  const iommufd = driver && readIommufd(entry, driver, read);
  const overrides = { ...entry.set };
  if (profile !== undefined) {
    // One by one, so that the complaint stands at the value that is wrong.
    for (const [name, value] of Object.entries(overrides)) {
      read(`set.${name}`, () => rules.catalogue.checkOverrides(profile, { [name]: value }));
    }
  }
  if (!sound || driver === undefined || profile === undefined) return undefined;
  const spec = {
    driver,
    profile,
    mode: mode ?? 0,
    uid: uid ?? 0,
    gid: gid ?? 0,
    overrides,
    ...(firmware !== undefined && { firmware }),
    ...(raw !== undefined && { raw }),
    ...(iommufd !== undefined && { iommufd }),
  };
  return { index, placed, spec, pci, count: builtIn === undefined ? (count ?? 1) : undefined };
}

/** Holder of an address that is no entry's. */
const PLUGGED = -1;

/** Written addresses first, so that those given by us keep clear of them wherever they stand in the list. */
function giveAddresses(drafts: readonly Draft[], plugged: readonly string[]): DeviceSpec[] {
  const taken = new Map<string, number>(plugged.map((address) => [address, PLUGGED]));
  const addresses = new Map<Draft, string[]>();
  for (const draft of drafts) {
    if (draft.pci) addresses.set(draft, claimFrom(draft, draft.pci, taken, true));
  }
  const first = parsePciAddress(DEFAULT_DEVICE.pci);
  for (const draft of drafts) {
    if (!draft.pci && draft.count !== undefined && first) addresses.set(draft, claimFrom(draft, first, taken, false));
  }
  // The address comes first: behind a spread it would cost each device a hidden class of its own.
  return drafts.flatMap((draft) =>
    draft.count === undefined ? draft.spec : (addresses.get(draft) ?? []).map((pci) => ({ pci, ...draft.spec })),
  );
}

/** `strict`: each address after `first` is wanted, and one that is taken is an error; otherwise it is passed over. */
function claimFrom(draft: Draft, first: PciAddress, taken: Map<string, number>, strict: boolean): string[] {
  const claimed: string[] = [];
  const { count = 0 } = draft;
  for (let at: PciAddress | undefined = first; claimed.length < count; at = nextPciAddress(at)) {
    if (!at) {
      draft.placed.complain(
        strict ? 'pci' : undefined,
        'there are not enough PCI addresses for that count; start lower',
      );
      return claimed;
    }
    const address = formatPciAddress(at);
    const holder = taken.get(address);
    if (holder === undefined) {
      taken.set(address, draft.index);
      claimed.push(address);
    } else if (strict) {
      const other =
        holder === PLUGGED
          ? 'a plugged device'
          : holder === draft.index
            ? 'this entry'
            : `device ${holder + 1} of the list`;
      draft.placed.complain('pci', `the PCI address ${address} is already taken by ${other}; give each device its own`);
      return claimed;
    }
  }
  return claimed;
}

function readDriver(entry: DeviceEntry, catalogue: DeviceCatalogue): DeviceSpec['driver'] {
  const names = catalogue.drivers.map((row) => row.name);
  const { driver, profile } = entry;
  if (driver !== undefined) {
    const row = catalogue.drivers.find((candidate) => candidate.name === driver);
    if (!row)
      throw new Error(`there is no driver "${driver}" (drivers: ${names.join(', ')})${didYouMean(driver, names)}`);
    return row.name;
  }
  const owner = catalogue.drivers.find((row) => profile !== undefined && row.profiles.includes(profile));
  return owner?.name ?? DEFAULT_DEVICE.driver;
}

function readProfile(entry: DeviceEntry, driver: DeviceSpec['driver'], catalogue: DeviceCatalogue): string {
  const profiles = catalogue.drivers.find((row) => row.name === driver)?.profiles ?? [];
  const { profile } = entry;
  if (profile === undefined) return profiles[0] ?? driver;
  if (profiles.includes(profile)) return profile;
  if (driver === DEFAULT_DEVICE.driver && catalogue.profileFile?.(profile)) return profile;
  // Without a driver all profiles were candidates, so all are named.
  const named = entry.driver === undefined ? catalogue.drivers.flatMap((row) => row.profiles) : profiles;
  const whose = entry.driver === undefined ? '' : ` of driver ${driver}`;
  throw new Error(
    `there is no device profile "${profile}"${whose} (profiles: ${named.join(', ') || 'none'})${didYouMean(profile, named)}`,
  );
}

/** The firmware's word, or its module's absolute path; undefined: the profile's own emulation. */
function readFirmware({ firmware, set }: DeviceEntry, driver: DeviceSpec['driver']): string | undefined {
  if (firmware === undefined) return undefined;
  if (driver !== 'mlx5') throw new Error(`driver ${driver} has no firmware; take it out`);
  if (firmware !== LOOPBACK && !isModulePath(firmware)) {
    throw new Error(`firmware is ${LOOPBACK} or the path of a module, e.g. ./my-firmware.mjs, not "${firmware}"`);
  }
  if (set !== undefined)
    throw new Error("set changes the profile's emulation, which stands aside for this firmware; take one out");
  return firmware === LOOPBACK ? firmware : resolve(firmware);
}

const RAW_KEYS = ['device_type', 'info', 'rpc'] as const;

function readRaw(
  entry: DeviceEntry,
  driver: DeviceSpec['driver'],
  read: <T>(key: string, reader: () => T) => T | undefined,
): RawSpec | undefined {
  const given = RAW_KEYS.filter((key) => entry[key] !== undefined);
  if (driver !== 'raw') {
    for (const key of given) {
      read(key, () => {
        throw new Error(`${key} is of driver raw; write driver: raw, or take it out`);
      });
    }
    return undefined;
  }
  if (given.length === 0) return undefined;
  const { device_type: deviceType, info, rpc } = entry;
  return {
    deviceType:
      (deviceType === undefined ? undefined : read('device_type', () => readDeviceType(deviceType))) ??
      DEFAULT_RAW.deviceType,
    info: info === undefined ? DEFAULT_RAW.info : read('info', () => readInfo(info)),
    rpc: (rpc !== undefined && read('rpc', () => readRpc(rpc))) || DEFAULT_RAW.rpc,
  };
}

const IOMMUFD_KEYS = ['abi', 'thp'] as const;

function readIommufd(
  entry: DeviceEntry,
  driver: DeviceSpec['driver'],
  read: <T>(key: string, reader: () => T) => T | undefined,
): IommufdSpec | undefined {
  if (driver !== 'iommufd') {
    for (const key of IOMMUFD_KEYS) read(key, () => refuseKey(entry, key, `${key} is of driver iommufd`));
    return undefined;
  }
  const { abi, thp } = entry;
  return {
    abi: (abi !== undefined && read('abi', () => readIommufdAbi(abi))) || DEFAULT_IOMMUFD.abi,
    thp: (thp !== undefined && read('thp', () => readThp(thp))) || DEFAULT_IOMMUFD.thp,
  };
}

/** Throws an Error where the entry has the key. */
function refuseKey(entry: DeviceEntry, key: keyof DeviceEntry, why: string): void {
  if (entry[key] !== undefined) throw new Error(`${why}; take it out`);
}

/** What the machine has once is written once. */
function refuseSeconds(drafts: readonly Draft[]): void {
  const seen = new Set<DeviceSpec['driver']>();
  for (const { count, spec, placed } of drafts) {
    if (count !== undefined) continue;
    if (seen.has(spec.driver)) placed.complain(undefined, `a machine has one ${spec.driver}; take this one out`);
    seen.add(spec.driver);
  }
}

function readPci(text: string | undefined): PciAddress | undefined {
  if (text === undefined) return undefined;
  const address = parsePciAddress(text);
  if (!address) {
    throw new Error(
      `"${text}" is not a PCI address; write dddd:bb:dd.f in hexadecimal (device up to 1f), e.g. 0000:00:0a.0`,
    );
  }
  return address;
}

function readCount(count: number | undefined): number {
  if (count === undefined) return 1;
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw new Error(`${count} devices cannot be had; count is a whole number from 1 to ${MAX_COUNT}`);
  }
  return count;
}

function readMode(text: string | undefined, usual = DEFAULT_DEVICE.mode): number {
  if (text === undefined) return usual;
  if (!/^(0o)?0?[0-7]{3}$/.test(text)) {
    throw new Error(`"${text}" is not a file mode; write three octal digits with or without a 0 in front, e.g. 0660`);
  }
  return Number.parseInt(text.replace('0o', ''), 8);
}

function readAccount(kind: 'user' | 'group', text: string | undefined, accounts: Accounts): number {
  if (text === undefined) return kind === 'user' ? DEFAULT_DEVICE.uid : DEFAULT_DEVICE.gid;
  if (/^\d+$/.test(text)) {
    // (uid_t)-1 means "leave it alone" to chown(2).
    if (Number(text) < 0xffff_ffff) return Number(text);
    throw new Error(`${text} is too large for a ${kind} number; the largest is 4294967294`);
  }
  const found = kind === 'user' ? accounts.user(text) : accounts.group(text);
  if (found !== undefined) return found;
  const [names, file] = kind === 'user' ? [accounts.userNames(), '/etc/passwd'] : [accounts.groupNames(), '/etc/group'];
  throw new Error(`there is no ${kind} "${text}" in ${file} (a number is taken as well)${didYouMean(text, names)}`);
}
