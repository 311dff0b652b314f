/** A type-3 memory device's firmware as fwctl reaches it: the feature commands of its mailbox, CXL 3.2, 8.2.10.6. */
import type { CxlValues } from '../../abi/cxl/device-profile.ts';
import { CXL_OPCODE, featureEntry, getFeature, setFeature, UUID_BYTES } from '../../abi/cxl/features.ts';
import { RETURN_CODE } from '../../abi/cxl/return-codes.ts';
import { sameUuid } from '../../abi/cxl/uuids.ts';
import type { StatefulFirmware } from '../../abi/device-state.ts';
import { entriesOf, Feature } from './feature.ts';
import type { CxlAnswer, CxlMailbox } from './mailbox.ts';
import { type Manners, mannersOf } from './manners.ts';
import { type SetFeature, setFeatureOf } from './set-feature.ts';
import { type CxlState, restoreCxlState, saveCxlState } from './state.ts';

const { SUCCESS, INPUT, UNSUPPORTED, PAYLOADLEN, FEATURETRANSFERIP } = RETURN_CODE;

const refused = (returnCode: number): CxlAnswer => ({ returnCode, length: 0 });

export class CxlFirmware implements CxlMailbox, StatefulFirmware {
  readonly features: readonly Uint8Array[];
  private values: CxlValues;
  private made: readonly Feature[] | undefined;
  private readonly manners: Manners;
  private readonly setting: SetFeature;

  /** Powered up as the values say: nothing was saved yet. */
  constructor(values: CxlValues) {
    this.values = values;
    this.manners = mannersOf(values.manners);
    this.setting = setFeatureOf(this.manners);
    this.features = entriesOf(values.features);
  }

  /** In the order of `features`; made when first asked for: most of thousands of devices never are. */
  get table(): readonly Feature[] {
    this.made ??= Object.entries(this.values.features).map(
      ([key, feature], id) => new Feature(key, feature, this.features[id] as Uint8Array),
    );
    return this.made;
  }

  get payloadSize(): number {
    return this.values.payload_size;
  }

  get featuresCapability(): number {
    return this.values.feat_cap;
  }

  saveState(): CxlState {
    return saveCxlState(this.table);
  }

  restoreState(state: unknown): void {
    restoreCxlState(this.table, state);
  }

  /** As they are now. */
  liveValues(): CxlValues {
    const features = this.table.map((feature) => [feature.key, feature.values] as const);
    return { ...this.values, features: Object.fromEntries(features) };
  }

  /** What does not count at power-up alone is so from now on. */
  adopt(values: CxlValues): void {
    this.values = { ...this.values, feat_cap: values.feat_cap };
    for (const feature of this.table) feature.adopt(values.features[feature.key] ?? feature.values);
  }

  exec(opcode: number, input: Uint8Array, output: Uint8Array): CxlAnswer {
    if (input.length > this.payloadSize || input.length < UUID_BYTES) return refused(PAYLOADLEN);
    // both commands begin with it
    const feature = this.table.find(({ entry }) => sameUuid(entry, featureEntry.uuid, input, getFeature.uuid));
    switch (opcode) {
      case CXL_OPCODE.GET_FEATURE:
        return input.length < getFeature.bytes ? refused(PAYLOADLEN) : this.get(feature, input, output);
      case CXL_OPCODE.SET_FEATURE:
        return refused(input.length < setFeature.bytes ? PAYLOADLEN : this.setting.exec(feature, input));
      default:
        return refused(UNSUPPORTED);
    }
  }

  private get(feature: Feature | undefined, input: Uint8Array, output: Uint8Array): CxlAnswer {
    const { manners } = this;
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    const offset = view.getUint16(getFeature.offset, true);
    const count = view.getUint16(getFeature.count, true);
    const selection = view.getUint8(getFeature.selection);
    if (this.setting.holds(input, getFeature.uuid)) return refused(FEATURETRANSFERIP);
    if (!manners.selections && manners.selection !== undefined && selection !== 0) return refused(manners.selection);
    // QEMU counts the offset too
    if (manners.beyond === 'the rest' && offset + count > this.payloadSize) return refused(INPUT);
    if (feature === undefined) return refused(UNSUPPORTED);
    const data = manners.selections ? feature.selected(selection) : feature.current;
    if (data === undefined) return refused(manners.selection ?? UNSUPPORTED);
    if (offset > data.length || (offset === data.length && manners.atEnd === 'refusal')) return refused(INPUT);
    if (manners.beyond === 'refusal' && offset + count > data.length) return refused(INPUT);
    const length = Math.min(count, data.length - offset, output.length);
    output.set(data.subarray(offset, offset + length));
    return { returnCode: SUCCESS, length };
  }
}
