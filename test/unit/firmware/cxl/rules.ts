/**
 * A second reading of the rules, written without the firmware's tables: what GET_FEATURE reads of a device after any
 * commands. CXL 3.2, 8.2.10.6.2 and 8.2.10.6.3, and the tables of each feature's attributes.
 */
import type { CxlFeatureValues } from '../../../../src/abi/cxl/device-profile.ts';

export interface Answer {
  readonly code: number;
  readonly data: readonly number[];
}

export interface SetCommand {
  /** Place in the list; undefined: a UUID that the device has not. */
  readonly feature: number | undefined;
  readonly action: number;
  readonly offset: number;
  readonly version: number;
  readonly save: boolean;
  readonly data: readonly number[];
}

export interface GetCommand {
  readonly feature: number | undefined;
  readonly offset: number;
  readonly count: number;
  readonly selection: number;
}

type Bytes = number[];

/** Bits of a byte: `keep` of the old, the others of the new. */
const bits = (old: number, value: number, mask: number) => (old & ~mask & 0xff) | (value & mask);

/** What the writable bytes of a feature make of the readable ones. Undefined: the device refuses them. */
const MERGES: Readonly<Record<string, (read: Bytes, write: Bytes, current: Bytes) => Bytes | undefined>> = {
  PATROL_SCRUB(read, [hours = 0, flags = 0], current) {
    if (hours < (current[2] ?? 0)) return undefined;
    if (((current[0] ?? 0) & 1) === 0 && hours !== current[1]) return undefined;
    return [read[0] ?? 0, hours, read[2] ?? 0, bits(read[3] ?? 0, flags, 1)];
  },
  ECS(read, write) {
    if ((write[0] ?? 0) > 1) return undefined;
    const after = [...read];
    after[0] = write[0] ?? 0;
    for (const fru of [0, 1, 2]) {
      const config = write[1 + 2 * fru] ?? 0;
      if ((config & 7) < 3 || (config & 7) > 5) return undefined;
      after[2 + 4 * fru] = bits(read[2 + 4 * fru] ?? 0, config, 0x1f);
    }
    return after;
  },
  SPPR: (read, write, current) => repaired(read, write, current, true),
  HPPR: (read, write, current) => repaired(read, write, current, true),
  CACHELINE_SPARING: (read, write, current) => repaired(read, write, current, false),
  ROW_SPARING: (read, write, current) => repaired(read, write, current, false),
  BANK_SPARING: (read, write, current) => repaired(read, write, current, false),
  RANK_SPARING: (read, write, current) => repaired(read, write, current, false),
};

function repaired(read: Bytes, write: Bytes, current: Bytes, ppr: boolean): Bytes | undefined {
  const [low = 0, high = 0, mode = 0] = write;
  if ((low & ~(current[1] ?? 0)) !== 0 || (high & ~(current[2] ?? 0)) !== 0) return undefined;
  if (ppr && ((mode << 2) & ~(current[16] ?? 0)) !== 0) return undefined;
  const after = [...read];
  after[3] = low;
  after[4] = high;
  if (ppr) after[19] = mode;
  return after;
}

/** The writable bytes as they are now. */
function writableOf(name: string, read: Bytes, size: number): Bytes {
  if (name === 'PATROL_SCRUB') return [read[1] ?? 0, (read[3] ?? 0) & 1];
  if (name === 'ECS') return [read[0], ...[2, 6, 10].flatMap((at) => [(read[at] ?? 0) & 0x1f, 0])].map((b) => b ?? 0);
  if (/PPR$/.test(name)) return [read[3] ?? 0, read[4] ?? 0, read[19] ?? 0];
  if (/SPARING$/.test(name)) return [read[3] ?? 0, read[4] ?? 0];
  return Array.from({ length: size }, (_, i) => read[i] ?? 0);
}

function imageOf(digits: string, size: number): Bytes {
  const bytes = Buffer.from(digits, 'hex');
  return Array.from({ length: size }, (_, i) => bytes[i] ?? 0);
}

interface Kept {
  readonly name: string;
  readonly profile: CxlFeatureValues;
  readonly images: [current: Bytes, initial: Bytes, saved: Bytes];
  /** Something was saved, ever. */
  wasSaved: boolean;
}

export class Rules {
  private readonly features: readonly Kept[];
  private open: { readonly feature: number; bytes: Bytes; next: number } | undefined;

  constructor(features: Readonly<Record<string, CxlFeatureValues>>) {
    this.features = Object.entries(features).map(([name, profile]) => {
      const { data } = profile;
      const image = (digits: string) => imageOf(digits || data, profile.get);
      return { name, profile, images: [image(data), image(profile.default), image(profile.saved)], wasSaved: false };
    });
  }

  get({ feature, offset, count, selection }: GetCommand): Answer {
    const refused = (code: number) => ({ code, data: [] });
    const one = feature === undefined ? undefined : this.features[feature];
    if (one === undefined) return refused(3);
    if (this.open?.feature === feature) return refused(27);
    const { flags } = one.profile;
    const has = [true, (flags & 0x20) !== 0, (flags & 0x40) !== 0][selection] ?? false;
    if (!has) return refused(26);
    const image = one.images[selection] ?? [];
    if (offset >= image.length || offset + count > image.length) return refused(2);
    return { code: 0, data: image.slice(offset, offset + count) };
  }

  set({ feature, action, offset, version, save, data }: SetCommand): number {
    const one = feature === undefined ? undefined : this.features[feature];
    if (feature === undefined || one === undefined) return 3;
    const { name, profile, images } = one;
    if (version !== profile.set_version) return 25;
    if (action > 4) return 2;
    if (this.open !== undefined && this.open.feature !== feature) return 27;
    if (action === 4) {
      if (this.open === undefined) return 28;
      this.open = undefined;
      return 0;
    }
    if (data.length === 0 || offset + data.length > profile.set) return 22;
    if (action === 0 && offset !== 0) return 2;
    const begins = action < 2;
    if (begins ? offset !== 0 : this.open === undefined || this.open.next !== offset) return 28;
    const bytes = begins ? writableOf(name, images[0], profile.set) : [...(this.open?.bytes ?? [])];
    bytes.splice(offset, data.length, ...data);
    if (action === 1 || action === 2) {
      this.open = { feature, bytes, next: offset + data.length };
      return 0;
    }
    this.open = undefined;
    const merge = MERGES[name] ?? ((read: Bytes) => [...bytes.slice(0, read.length), ...read.slice(bytes.length)]);
    const current = merge(images[0], bytes, images[0]);
    if (current === undefined) return 2;
    const saved = merge(images[2], bytes, images[0]);
    images[0] = current;
    if (save && keeps(profile) && saved !== undefined) {
      images[2] = saved;
      one.wasSaved = true;
    }
    return 0;
  }

  /** Power off and on: a feature that something was saved of begins with that, any other as new. */
  cycle(): void {
    this.open = undefined;
    for (const { profile, images, wasSaved } of this.features) {
      if (!wasSaved) images[2] = imageOf(profile.saved || profile.data, profile.get);
      images[0] = wasSaved ? [...images[2]] : imageOf(profile.data, profile.get);
    }
  }
}

function keeps({ flags }: CxlFeatureValues): boolean {
  return (flags & 0x40) !== 0 || ((flags >> 1) & 7) === 4;
}
