/** CXL mailbox commands and a device's firmware, for the tests beside this file. */
import type { CxlDeviceProfile } from '../../../../src/abi/cxl/device-profile.ts';
import { getFeature, setFeature } from '../../../../src/abi/cxl/features.ts';
import { uuidBytes } from '../../../../src/abi/cxl/uuids.ts';
import { CxlFirmware } from '../../../../src/firmware/cxl/firmware.ts';
import type { Answer, GetCommand, SetCommand } from './rules.ts';

export const UNKNOWN = 'eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee';

export class Rig {
  readonly profile: CxlDeviceProfile;
  firmware: CxlFirmware;

  constructor(profile: CxlDeviceProfile) {
    this.profile = profile;
    this.firmware = new CxlFirmware(profile);
  }

  private head(feature: number | undefined, bytes: number): [Uint8Array, DataView] {
    const one = feature === undefined ? undefined : Object.values(this.profile.features)[feature];
    const input = new Uint8Array(bytes);
    input.set(uuidBytes(one?.uuid ?? UNKNOWN) ?? []);
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
    return Object.keys(this.profile.features).indexOf(name);
  }

  /** All that is read of a feature. */
  read(name: string, selection = 0): Answer {
    const count = this.profile.features[name]?.get_size ?? 0;
    return this.get({ feature: this.at(name), offset: 0, count, selection });
  }

  /** Whole, of its version. */
  write(name: string, data: readonly number[], more: Partial<SetCommand> = {}): number {
    const version = this.profile.features[name]?.set_version ?? 0;
    return this.set({ feature: this.at(name), action: 0, offset: 0, version, save: true, data, ...more });
  }
}
