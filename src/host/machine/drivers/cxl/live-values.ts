/** The values of one plugged memory device: its profile's as they are now, and the attributes of its features. */
import { CXL_SHAPE, type CxlValues } from '../../../../abi/cxl/device-profile.ts';
import { OverrideError } from '../../../../abi/override-error.ts';
import type { OverrideValue } from '../../../../abi/profile-shape.ts';
import { attributeValues, namesIn, withCxlValue } from '../../../../devices/cxl/attribute-values.ts';
import { type LiveValues, type PlainValue, ValueError } from '../../live-values.ts';
import { ShapedLiveValues, type ValuedFirmware } from '../../shaped-live-values.ts';

export class CxlLiveValues implements LiveValues {
  private readonly firmware: ValuedFirmware<CxlValues>;
  private readonly shaped: ShapedLiveValues<CxlValues>;

  constructor(firmware: ValuedFirmware<CxlValues>) {
    this.firmware = firmware;
    this.shaped = new ShapedLiveValues(CXL_SHAPE, firmware);
  }

  identity(): Record<string, PlainValue> {
    return this.shaped.identity();
  }

  all(): Record<string, PlainValue> {
    return { ...this.shaped.all(), ...this.attributes('') };
  }

  get(name: string): Record<string, PlainValue> {
    const own = Object.entries(this.attributes(name)).filter(([path]) => path === name || path.startsWith(`${name}.`));
    const isFeature = namesIn(name).name === '';
    return { ...(own.length === 0 || isFeature ? this.shaped.get(name) : {}), ...Object.fromEntries(own) };
  }

  set(name: string, value: OverrideValue): void {
    if (!Object.hasOwn(this.attributes(name), name)) {
      this.shaped.set(name, value);
      return;
    }
    try {
      this.firmware.adopt(withCxlValue(this.firmware.liveValues(), name, value), name);
    } catch (error) {
      throw error instanceof OverrideError ? new ValueError(error.message) : error;
    }
  }

  /** Of the features that the name is about, or of all. */
  private attributes(name: string): Record<string, number> {
    const { key } = namesIn(name);
    const features = Object.entries(this.firmware.liveValues().features);
    const meant = features.filter(([each]) => key === '' || each === key);
    return Object.assign({}, ...meant.map(([each, feature]) => attributeValues(each, feature)));
  }
}
