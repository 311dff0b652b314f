/** CXL mailbox commands and a device's firmware, for the tests beside this file. */
import { type CxlDeviceProfile, type CxlValues, featureUuid } from '../../../../src/abi/cxl/device-profile.ts';
import { getFeature, setFeature } from '../../../../src/abi/cxl/features.ts';
import { uuidBytes } from '../../../../src/abi/cxl/uuids.ts';
import { CxlFirmware } from '../../../../src/firmware/cxl/firmware.ts';
import type { Answer, GetCommand, SetCommand } from './rules.ts';

export const UNKNOWN = 'eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee';

export class Rig {
  readonly values: CxlValues;
  firmware: CxlFirmware;

  constructor({ values }: CxlDeviceProfile) {
    this.values = values;
    this.firmware = new CxlFirmware(values);
  }

  private head(feature: number | undefined, bytes: number): [Uint8Array, DataView] {
    const key = feature === undefined ? undefined : Object.keys(this.values.features)[feature];
    const input = new Uint8Array(bytes);
    input.set(uuidBytes(key === undefined ? UNKNOWN : featureUuid(key)) ?? []);
    return [input, new DataView(input.buffer)];
  }

  get({ feature, offset, count, selection }: GetCommand): Answer {
    const [input, view] = this.head(feature, getFeature.bytes);
    view.setUint16(getFeature.offset, offset, true);
    view.setUint16(getFeature.count, count, true);
    input[getFeature.selection] = selection;
    const output = new Uint8Array(count);
    const { returnCode, length } = this.firmware.exec(0x501, input, output);
    return { code: returnCode, data: [...output.subarray(0, length)] };
  }

  set({ feature, action, offset, version, save, data }: SetCommand): number {
    const [input, view] = this.head(feature, setFeature.bytes + data.length);
    view.setUint32(setFeature.flags, action | (save ? 8 : 0), true);
    view.setUint16(setFeature.offset, offset, true);
    input[setFeature.version] = version;
    input.set(data, setFeature.bytes);
    return this.firmware.exec(0x502, input, new Uint8Array(0)).returnCode;
  }

  /** The place of a feature by its name. */
  at(name: string): number {
    return Object.keys(this.values.features).indexOf(name);
  }

  /** Power off and on, with what was kept. */
  cycle(): void {
    const state = JSON.parse(JSON.stringify(this.firmware.saveState()));
    this.firmware = new CxlFirmware(this.values);
    this.firmware.restoreState(state);
  }

  /** All that is read of a feature. */
  read(name: string, selection = 0): Answer {
    const count = this.values.features[name]?.get ?? 0;
    return this.get({ feature: this.at(name), offset: 0, count, selection });
  }

  /** Whole, of its version. */
  write(name: string, data: readonly number[], more: Partial<SetCommand> = {}): number {
    const version = this.values.features[name]?.set_version ?? 0;
    return this.set({ feature: this.at(name), action: 0, offset: 0, version, save: true, data, ...more });
  }
}
