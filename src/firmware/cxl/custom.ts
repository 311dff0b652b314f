/** The mailbox made of a firmware of one's own (abi/cxl/custom-firmware.ts); the profile says what there is. */
import type { CxlCustomFirmware, FeatureAnswer, FeatureRequest } from '../../abi/cxl/custom-firmware.ts';
import { CXL_OPCODE, getFeature, setFeature } from '../../abi/cxl/features.ts';
import { RETURN_CODE } from '../../abi/cxl/return-codes.ts';
import { uuidText } from '../../abi/cxl/uuids.ts';
import type { Held } from '../../abi/held.ts';
import { type FirmwareFailed, isUnsigned, moduleAnswer } from '../../abi/module-answer.ts';
import type { CxlAnswer, CxlMailbox } from './mailbox.ts';

export class CustomMailbox implements CxlMailbox {
  private readonly profile: Omit<CxlMailbox, 'exec'>;
  private readonly firmware: CxlCustomFirmware;
  private readonly failed: FirmwareFailed;

  /** `profile`: what the kernel reads at probe. */
  constructor(profile: Omit<CxlMailbox, 'exec'>, firmware: CxlCustomFirmware, failed: FirmwareFailed) {
    this.profile = profile;
    this.firmware = firmware;
    this.failed = failed;
  }

  get payloadSize(): number {
    return this.profile.payloadSize;
  }

  get featuresCapability(): number {
    return this.profile.featuresCapability;
  }

  get features(): readonly Uint8Array[] {
    return this.profile.features;
  }

  exec(opcode: number, input: Uint8Array, output: Uint8Array): CxlAnswer | Held<CxlAnswer> {
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    const request = opcode === CXL_OPCODE.GET_FEATURE ? getOf(view) : setOf(view, input);
    return moduleAnswer(
      () => this.firmware.feature(uuidText(view, getFeature.uuid), request),
      (answer) => write(answer, request, output),
      this.failed,
    );
  }
}

function getOf(view: DataView): FeatureRequest {
  return {
    command: 'get',
    offset: view.getUint16(getFeature.offset, true),
    count: view.getUint16(getFeature.count, true),
    selection: view.getUint8(getFeature.selection),
    flags: 0,
    version: 0,
    data: new Uint8Array(0),
  };
}

function setOf(view: DataView, input: Uint8Array): FeatureRequest {
  return {
    command: 'set',
    offset: view.getUint16(setFeature.offset, true),
    count: 0,
    selection: 0,
    flags: view.getUint32(setFeature.flags, true),
    version: view.getUint8(setFeature.version),
    data: input.slice(setFeature.bytes),
  };
}

/** Throws a TypeError for an answer that is none. */
function write(answer: FeatureAnswer, { count }: FeatureRequest, output: Uint8Array): CxlAnswer {
  if (answer === undefined || answer === null) {
    output.fill(0);
    return { returnCode: RETURN_CODE.SUCCESS, length: count };
  }
  if (typeof answer !== 'object')
    throw new TypeError(`feature returned ${typeof answer}, not bytes or {returnCode, data}`);
  const { returnCode = RETURN_CODE.SUCCESS, data = new Uint8Array(0) } =
    answer instanceof Uint8Array ? { data: answer } : answer;
  if (!isUnsigned(returnCode, 0xffff)) throw new TypeError('returnCode is not a whole number of 16 bits');
  if (!(data instanceof Uint8Array)) throw new TypeError('data is not a Uint8Array');
  const given = data.subarray(0, output.length);
  output.set(given);
  return { returnCode, length: given.length };
}
