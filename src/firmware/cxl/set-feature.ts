/**
 * SET_FEATURE, whole and in parts: CXL 3.2, 8.2.10.6.3. One transfer is under way at a time. What the text leaves open
 * is chosen so that a client which gave up in the middle, as Linux does without an abort, does not block the device: a
 * transfer of the same feature begins anew. A part that is refused leaves the transfer as it was.
 */
import { featureEntry, SAVED_ACROSS_RESET, setFeature, TRANSFER, TRANSFER_MASK } from '../../abi/cxl/features.ts';
import { RETURN_CODE } from '../../abi/cxl/return-codes.ts';
import { sameUuid } from '../../abi/cxl/uuids.ts';
import type { Feature } from './feature.ts';
import type { Manners } from './manners.ts';

const { SUCCESS, INPUT, UNSUPPORTED, PAYLOADLEN, FEATURETRANSFERIP, FEATURETRANSFEROOO } = RETURN_CODE;

/** A part that has come. */
interface Part {
  readonly action: number;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly save: boolean;
}

export abstract class SetFeature {
  protected readonly manners: Manners;

  constructor(manners: Manners) {
    this.manners = manners;
  }

  /** Executes the command; the return code. `feature`: undefined where the device has none of that UUID. */
  abstract exec(feature: Feature | undefined, input: Uint8Array): number;
  /** Whether the feature with that UUID may not be read, because a transfer of it is under way. */
  abstract holds(message: Uint8Array, uuidAt: number): boolean;

  /** Undefined: the version is right, or nobody looks at it. */
  protected wrongVersion({ profile }: Feature, input: Uint8Array): number | undefined {
    const { version } = this.manners;
    return input[setFeature.version] === profile.set_version ? undefined : version;
  }
}

export function setFeatureOf(manners: Manners): SetFeature {
  return manners.parts === 'as they come' ? new UncheckedTransfers(manners) : new OrderedTransfers(manners);
}

function partOf(input: Uint8Array): Part {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const flags = view.getUint32(setFeature.flags, true);
  return {
    action: flags & TRANSFER_MASK,
    offset: view.getUint16(setFeature.offset, true),
    data: input.subarray(setFeature.bytes),
    save: (flags & SAVED_ACROSS_RESET) !== 0,
  };
}

/** The specification's. */
class OrderedTransfers extends SetFeature {
  private open: { readonly feature: Feature; next: number } | undefined;

  holds(message: Uint8Array, uuidAt: number): boolean {
    return this.open !== undefined && sameUuid(this.open.feature.entry, featureEntry.uuid, message, uuidAt);
  }

  exec(feature: Feature | undefined, input: Uint8Array): number {
    if (feature === undefined) return UNSUPPORTED;
    const wrong = this.wrongVersion(feature, input);
    if (wrong !== undefined) return wrong;
    const part = partOf(input);
    if (part.action > TRANSFER.ABORT) return INPUT;
    if (part.action !== TRANSFER.FULL && this.manners.parts === 'none') return INPUT;
    if (this.open !== undefined && this.open.feature !== feature) return FEATURETRANSFERIP;
    if (part.action === TRANSFER.ABORT) return this.abort();
    if (part.data.length === 0 || part.offset + part.data.length > feature.profile.set) return PAYLOADLEN;
    // reserved in a transfer that is whole
    if (part.action === TRANSFER.FULL && part.offset !== 0) return INPUT;
    return this.take(feature, part);
  }

  private abort(): number {
    if (this.open === undefined) return FEATURETRANSFEROOO;
    this.open = undefined;
    return SUCCESS;
  }

  private take(feature: Feature, { action, offset, data, save }: Part): number {
    const begins = action === TRANSFER.FULL || action === TRANSFER.INITIATE;
    if (offset !== (begins ? 0 : this.open?.next)) return FEATURETRANSFEROOO;
    // what is not sent stays as it is
    if (begins) feature.staged.set(feature.written());
    feature.staged.set(data, offset);
    if (action === TRANSFER.INITIATE || action === TRANSFER.CONTINUE) {
      this.open = { feature, next: offset + data.length };
      return SUCCESS;
    }
    this.open = undefined;
    if (this.manners.minds && !feature.takes(feature.staged)) return INPUT;
    feature.apply(feature.staged, save);
    return SUCCESS;
  }
}

const NO_UUID = new Uint8Array(16);

/**
 * QEMU's: parts are written where they say, and count when the last has come, whether or not a first one has. Then as
 * many bytes as have come are cleared, from the first on, wherever they were. What is not sent is 0, or left over.
 */
class UncheckedTransfers extends SetFeature {
  /** Of the feature that the device waits for; zeroes: none. */
  private readonly uuid = new Uint8Array(16);
  private received = 0;

  holds(message: Uint8Array, uuidAt: number): boolean {
    return sameUuid(this.uuid, 0, message, uuidAt);
  }

  exec(feature: Feature | undefined, input: Uint8Array): number {
    if (!sameUuid(this.uuid, 0, NO_UUID, 0) && !this.holds(input, setFeature.uuid)) return FEATURETRANSFERIP;
    const { action, offset, data } = partOf(input);
    if (action === TRANSFER.INITIATE) {
      this.uuid.set(input.subarray(setFeature.uuid, setFeature.uuid + this.uuid.length));
      this.received = 0;
    }
    if (data.length === 0) return PAYLOADLEN;
    if (feature === undefined) return UNSUPPORTED;
    const wrong = this.wrongVersion(feature, input);
    if (wrong !== undefined) return wrong;
    const { staged } = feature;
    if (offset + data.length > staged.length) return PAYLOADLEN;
    staged.set(data, offset);
    this.received += data.length;
    if (action === TRANSFER.FULL || action === TRANSFER.FINISH) feature.apply(staged, false);
    if (action === TRANSFER.FULL || action === TRANSFER.FINISH || action === TRANSFER.ABORT) {
      this.uuid.fill(0);
      staged.fill(0, 0, Math.min(this.received, staged.length));
      this.received = 0;
    }
    return SUCCESS;
  }
}
