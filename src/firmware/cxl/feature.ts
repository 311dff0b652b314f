/**
 * One feature of a device: what is read of it by selection, and what a SET_FEATURE makes of that. A feature of the
 * specification has attributes (abi/cxl/attributes.ts): what is set is not what is read, but changes it. Of any other
 * the bytes that are set are the first ones of those that are read.
 */
import {
  type AttributeRule,
  attributesOf,
  type FeatureAttributes,
  readAttribute,
  writeAttribute,
} from '../../abi/cxl/attributes.ts';
import { type CxlFeatureValues, type CxlValues, featureUuid } from '../../abi/cxl/device-profile.ts';
import { FEATURE_FLAGS, featureEntry, RESET_PERSISTENCE } from '../../abi/cxl/features.ts';
import { featureName, uuidBytes } from '../../abi/cxl/uuids.ts';
import { hex, unhex } from '../../abi/hex.ts';

/** Selections of GET_FEATURE, by number: what a feature's flags must have for them. */
const SELECTION_NEEDS = [0, FEATURE_FLAGS.DEFAULT_SEL, FEATURE_FLAGS.SAVED_SEL] as const;

const SAVED = 2;

type Images = readonly [current: Uint8Array, initial: Uint8Array, saved: Uint8Array];

export class Feature {
  /** As the profile has it. */
  readonly key: string;
  readonly uuid: string;
  readonly profile: CxlFeatureValues;
  /** struct cxl_feat_entry. */
  readonly entry: Uint8Array;
  private images: Images | undefined;
  /** The writable bytes of a transfer in parts, or that was left unfinished. */
  readonly staged: Uint8Array;
  /** Undefined: its data are its vendor's own. */
  readonly attributes: FeatureAttributes | undefined;
  /** Since there is the device, not since power-up. */
  private wasSaved = false;

  /** `entry`: as it stands in the device's list. */
  constructor(key: string, profile: CxlFeatureValues, entry: Uint8Array) {
    this.key = key;
    this.uuid = featureUuid(key);
    this.profile = profile;
    this.entry = entry;
    this.staged = new Uint8Array(profile.set);
    // of other sizes it is not the specification's, whatever its UUID
    const known = attributesOf(profile.like || featureName(this.uuid));
    this.attributes = known?.getSize === profile.get && known.setSize === profile.set ? known : undefined;
  }

  /** By selection, made when first asked for. */
  private get data(): Images {
    if (this.images === undefined) {
      const { data, default: initial, saved, get: size } = this.profile;
      this.images = [padded(data, size), padded(initial || data, size), padded(saved || data, size)];
    }
    return this.images;
  }

  /** What was saved, in hex. Undefined: nothing yet, or it would not be kept. */
  get kept(): string | undefined {
    return this.keeps && this.wasSaved ? hex(this.data[SAVED]) : undefined;
  }

  /** The profile with the data as they are now. */
  get values(): CxlFeatureValues {
    const [data, initial, saved] = this.data;
    return { ...this.profile, data: hex(data), default: hex(initial), saved: hex(saved) };
  }

  /** The data are those from now on. */
  adopt({ data, default: initial, saved }: CxlFeatureValues): void {
    for (const [i, digits] of [data, initial, saved].entries()) {
      const image = this.data[i] as Uint8Array;
      if (i === SAVED && hex(image) !== hex(padded(digits, image.length))) this.wasSaved = true;
      image.set(padded(digits, image.length));
    }
  }

  /** Undefined: it has no such selection. */
  selected(selection: number): Uint8Array | undefined {
    const needs = SELECTION_NEEDS[selection];
    return needs === undefined || (this.profile.flags & needs) !== needs ? undefined : this.data[selection];
  }

  get current(): Uint8Array {
    return this.data[0];
  }

  /** Whether what is saved is there after a power cycle. */
  get keeps(): boolean {
    const { flags } = this.profile;
    const reset = (flags >>> RESET_PERSISTENCE.shift) & RESET_PERSISTENCE.mask;
    return (flags & FEATURE_FLAGS.SAVED_SEL) !== 0 || reset === RESET_PERSISTENCE.COLD_RESET;
  }

  /** Power-up with what was saved. */
  restore(saved: Uint8Array): void {
    this.data[0].set(saved);
    this.data[SAVED].set(saved);
    this.wasSaved = true;
  }

  /** The writable bytes that would change nothing. */
  written(): Uint8Array {
    const bytes = new Uint8Array(this.profile.set);
    if (this.attributes === undefined) {
      bytes.set(this.current.subarray(0, bytes.length));
      return bytes;
    }
    const { writable, readable } = this.attributes;
    for (const attribute of writable) {
      const read = readable.find(({ path }) => path === attribute.path);
      writeAttribute(attribute, bytes, (read && readAttribute(read, this.current)) ?? 0);
    }
    return bytes;
  }

  /** Whether these writable bytes are such as the attributes can be. */
  takes(bytes: Uint8Array): boolean {
    return this.attributes?.rules.every((rule) => this.keepsTo(rule, bytes)) ?? true;
  }

  private keepsTo(rule: AttributeRule, bytes: Uint8Array): boolean {
    const { writable = [], readable = [] } = this.attributes ?? {};
    const ofCurrent = (path: string | undefined) => {
      const attribute = readable.find((one) => one.path === path);
      return (attribute && readAttribute(attribute, this.current)) ?? 0;
    };
    const attribute = writable.find(({ path }) => path === rule.path);
    const value = (attribute && readAttribute(attribute, bytes)) ?? 0;
    const { least = 0, most = value, leastOf, needs, within } = rule;
    if (value < least || value > most || value < ofCurrent(leastOf)) return false;
    if (needs !== undefined && (ofCurrent(needs) & 1) === 0 && value !== ofCurrent(rule.path)) return false;
    return within === undefined || ((value << within.shift) & ~ofCurrent(within.path)) === 0;
  }

  /** The writable bytes become what is read; `save`: and what is saved, where the feature keeps that. */
  apply(bytes: Uint8Array, save: boolean): void {
    this.merge(bytes, this.data[0]);
    if (!save || !this.keeps) return;
    this.merge(bytes, this.data[SAVED]);
    this.wasSaved = true;
  }

  private merge(bytes: Uint8Array, image: Uint8Array): void {
    if (this.attributes === undefined) {
      image.set(bytes.subarray(0, image.length));
      return;
    }
    const { writable, readable } = this.attributes;
    for (const attribute of writable) {
      const read = readable.find(({ path }) => path === attribute.path);
      if (read !== undefined) writeAttribute(read, image, readAttribute(attribute, bytes) ?? 0);
    }
  }
}

/** Every device of the same values shares them. */
const lists = new WeakMap<CxlValues['features'], readonly Uint8Array[]>();

/** struct cxl_feat_entry of each feature, in their order. */
export function entriesOf(features: CxlValues['features']): readonly Uint8Array[] {
  let entries = lists.get(features);
  if (entries === undefined) {
    entries = Object.entries(features).map(([key, profile], id) => entryOf(featureUuid(key), profile, id));
    lists.set(features, entries);
  }
  return entries;
}

function entryOf(uuid: string, profile: CxlFeatureValues, id: number): Uint8Array {
  const entry = new Uint8Array(featureEntry.bytes);
  const view = new DataView(entry.buffer);
  entry.set(uuidBytes(uuid) ?? [], featureEntry.uuid);
  view.setUint16(featureEntry.id, id, true);
  view.setUint16(featureEntry.getSize, profile.get, true);
  view.setUint16(featureEntry.setSize, profile.set, true);
  view.setUint32(featureEntry.flags, profile.flags, true);
  view.setUint8(featureEntry.getVersion, profile.get_version);
  view.setUint8(featureEntry.setVersion, profile.set_version);
  view.setUint16(featureEntry.effects, profile.effects, true);
  return entry;
}

function padded(digits: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set((unhex(digits) ?? bytes).subarray(0, size));
  return bytes;
}
