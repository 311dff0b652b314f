/**
 * From device entries as people write them to complete DeviceSpecs: names looked up, defaults filled in, counts spread
 * out over PCI addresses. Used for a configuration file and for `--device`; who calls knows the place of each key.
 */
import { didYouMean } from '../../abi/nearest-name.ts';
import { formatPciAddress, nextPciAddress, type PciAddress, parsePciAddress } from '../../abi/pci/address.ts';
import type { Accounts } from './accounts.ts';
import { DEFAULT_DEVICE } from './defaults.ts';
import { MAX_COUNT } from './device-keys.ts';
import type { DeviceSpec } from './device-spec.ts';
import type { AnyDriverKeys } from './driver-key.ts';
import { readSurroundings } from './surroundings.ts';

export type OverrideValue = DeviceSpec['overrides'][string];

/** One device as written: types are right, meanings are not yet looked at. */
export interface DeviceEntry {
  driver?: string;
  profile?: string;
  /** The text of the profile's file; undefined: it is read. */
  profileText?: string;
  pci?: string;
  count?: number;
  /** Octal digits, with or without `0` or `0o` in front. */
  mode?: string;
  owner?: string;
  group?: string;
  surroundings?: string;
  /** The drivers' own keys, as they are written. */
  own?: Record<string, string>;
  set?: Record<string, OverrideValue>;
  live?: Record<string, OverrideValue>;
}

/** An entry, and how to say what is wrong with one of its keys (`pci`, `set.caps.X`; undefined: the whole entry). */
export interface PlacedEntry {
  readonly entry: DeviceEntry;
  complain(key: string | undefined, message: string): void;
}

/** A driver, as far as entries speak of it. */
export interface CatalogueDriver {
  readonly name: string;
  /** Names of its built-in profiles. */
  readonly profiles: readonly string[];
  readonly keys: AnyDriverKeys;
  /** The machine has it once, and on no bus; the node's mode unless told. Absent: it is a PCI function's. */
  readonly builtIn?: { readonly mode: number };
  /**
   * What a profile's file says: the text, or what stands at the path. Undefined: the name is no file's. Throws an Error
   * that says what is wrong with the file.
   */
  readProfileFile(name: string, text?: string): unknown;
  /** `file`: what readProfileFile() gave. Throws an Error with a clear message where the values are not taken. */
  checkOverrides(profile: string, overrides: Readonly<Record<string, OverrideValue>>, file?: unknown): void;
  /** What is wrong with these values beside each other; undefined: nothing. */
  check?(
    spec: Pick<DeviceSpec, 'profile' | 'file' | 'keys' | 'overrides'>,
  ): { readonly key: string; readonly message: string } | undefined;
}

/** What devices there can be. The first driver and each driver's first profile are the defaults. */
export interface DeviceCatalogue {
  readonly drivers: readonly CatalogueDriver[];
  /** Whose profile a file, or its text, is; undefined: it says nothing of that, or cannot be read. */
  ownerOf(path: string, text?: string): CatalogueDriver | undefined;
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

/** The devices of all entries, in order. What is wrong is said by `complain`; the result then leaves entries out. */
export function readDevices(entries: readonly PlacedEntry[], rules: DeviceRules): DeviceSpec[] {
  const drafts = entries.map((placed, index) => draftOf(placed, index, rules)).filter((draft) => draft !== undefined);
  const specs = giveAddresses(drafts, rules.taken ?? []);
  refuseSeconds(drafts);
  if (specs.filter(({ pci }) => pci !== undefined).length > rules.maxDevices) {
    const most = `the ${rules.maxDevices} that this kernel has numbers for`;
    drafts.at(-1)?.placed.complain(undefined, `${specs.length} devices are more than ${most}; ask for fewer`);
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
  const { drivers } = rules.catalogue;
  const driver = read('driver', () => readDriver(entry, rules.catalogue));
  const found = driver && read('profile', () => readProfile(entry, driver, drivers));
  const profile = found?.name;
  const builtIn = driver?.builtIn;
  if (builtIn !== undefined) read('pci', () => refuseKey(entry, 'pci', `driver ${driver?.name} is on no bus`));
  if (builtIn !== undefined) read('count', () => refuseKey(entry, 'count', `a machine has one ${driver?.name}`));
  const pci = read('pci', () => readPci(entry.pci));
  const count = read('count', () => readCount(entry.count));
  const mode = read('mode', () => readMode(entry.mode, builtIn?.mode));
  const uid = read('owner', () => readAccount('user', entry.owner, rules.accounts));
  const gid = read('group', () => readAccount('group', entry.group, rules.accounts));
  const around = entry.surroundings;
  const surroundings = around === undefined ? undefined : read('surroundings', () => readSurroundings(around));
  const keys: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(entry.own ?? {})) {
    read(key, () => {
      if (driver !== undefined) keys[key] = readOwn(key, text, driver, drivers);
    });
  }
  const overrides = { ...entry.set };
  if (profile !== undefined) {
    // One by one, so that the complaint stands at the value that is wrong; a row of a table may take several.
    const taken: Record<string, OverrideValue> = {};
    for (const [name, value] of Object.entries(overrides)) {
      read(`set.${name}`, () => {
        driver?.checkOverrides(profile, { ...rowOf(name, taken), [name]: value }, found?.file?.content);
        taken[name] = value;
      });
    }
  }
  const wrong =
    sound && profile !== undefined
      ? driver?.check?.({ profile, keys, overrides, ...(found?.file && { file: found.file }) })
      : undefined;
  if (wrong !== undefined) placed.complain(wrong.key, wrong.message);
  if (!sound || wrong !== undefined || driver === undefined || profile === undefined) return undefined;
  const spec = {
    driver: driver.name,
    profile,
    ...(found?.file && { file: found.file }),
    mode: mode ?? 0,
    uid: uid ?? 0,
    gid: gid ?? 0,
    overrides,
    ...(surroundings && { surroundings }),
    ...(entry.live && { live: entry.live }),
    ...(entry.own && { own: entry.own }),
    ...(Object.keys(keys).length > 0 && { keys }),
  };
  return { index, placed, spec, pci, count: builtIn === undefined ? (count ?? 1) : undefined };
}

/** Those of the values that stand beside the name, in its row. */
function rowOf(name: string, taken: Readonly<Record<string, OverrideValue>>): Record<string, OverrideValue> {
  const row = name.slice(0, name.lastIndexOf('.') + 1);
  return row === '' ? {} : Object.fromEntries(Object.entries(taken).filter(([path]) => path.startsWith(row)));
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
  // What has been passed over stays taken.
  let next = parsePciAddress(DEFAULT_DEVICE.pci);
  for (const draft of drafts) {
    if (draft.pci || draft.count === undefined || !next) continue;
    const claimed = claimFrom(draft, next, taken, false);
    addresses.set(draft, claimed);
    next = parsePciAddress(claimed.at(-1) ?? '') ?? next;
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
      const why = 'there are not enough PCI addresses for that count; start lower';
      draft.placed.complain(strict ? 'pci' : undefined, why);
      return claimed;
    }
    const address = formatPciAddress(at);
    const holder = taken.get(address);
    if (holder === undefined) {
      taken.set(address, draft.index);
      claimed.push(address);
    } else if (strict) {
      const entry = holder === draft.index ? 'this entry' : `device ${holder + 1} of the list`;
      const other = holder === PLUGGED ? 'a plugged device' : entry;
      draft.placed.complain('pci', `the PCI address ${address} is already taken by ${other}; give each device its own`);
      return claimed;
    }
  }
  return claimed;
}

function readDriver(
  { driver, profile, profileText }: DeviceEntry,
  { drivers, ownerOf }: DeviceCatalogue,
): CatalogueDriver {
  const names = drivers.map((row) => row.name);
  const named = drivers.find((row) => row.name === driver);
  if (named !== undefined) return named;
  if (driver !== undefined)
    throw new Error(`there is no driver "${driver}" (drivers: ${names.join(', ')})${didYouMean(driver, names)}`);
  const byName = drivers.find((row) => profile !== undefined && row.profiles.includes(profile));
  const owner = byName ?? (profile === undefined ? undefined : ownerOf(profile, profileText)) ?? drivers[0];
  if (owner === undefined) throw new Error('there is no driver at all');
  return owner;
}

function readProfile(
  entry: DeviceEntry,
  driver: CatalogueDriver,
  drivers: readonly CatalogueDriver[],
): { name: string; file?: DeviceSpec['file'] } {
  const { profiles } = driver;
  const { profile, profileText } = entry;
  if (profile === undefined) return { name: profiles[0] ?? driver.name };
  if (profiles.includes(profile)) return { name: profile };
  const content = driver.readProfileFile(profile, profileText);
  if (content !== undefined) return { name: profile, file: { content, brought: profileText !== undefined } };
  // Without a driver all profiles were candidates, so all are named.
  const named = entry.driver === undefined ? drivers.flatMap((row) => row.profiles) : profiles;
  const whose = entry.driver === undefined ? '' : ` of driver ${driver.name}`;
  throw new Error(
    `there is no device profile "${profile}"${whose} (profiles: ${named.join(', ') || 'none'})${didYouMean(profile, named)}`,
  );
}

/** The value of a driver's own key. Throws an Error where the key is another driver's, or says nothing. */
function readOwn(key: string, text: string, driver: CatalogueDriver, drivers: readonly CatalogueDriver[]): unknown {
  const row = Object.hasOwn(driver.keys, key) ? driver.keys[key] : undefined;
  if (row !== undefined) return row.read(text);
  const owners = drivers.filter(({ keys }) => Object.hasOwn(keys, key)).map(({ name }) => name);
  throw new Error(`${key} is of driver ${owners.join(', ')}; write driver: ${owners[0]}, or take it out`);
}

/** Throws an Error where the entry has the key. */
function refuseKey(entry: DeviceEntry, key: keyof DeviceEntry, why: string): void {
  if (entry[key] !== undefined) throw new Error(`${why}; take it out`);
}

/** What the machine has once is written once. */
function refuseSeconds(drafts: readonly Draft[]): void {
  const seen = new Set<string>();
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
