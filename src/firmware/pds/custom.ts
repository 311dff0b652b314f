/** The admin queue made of a firmware of one's own: the profile says which operations there are, the module answers. */
import type { Held } from '../../abi/held.ts';
import { type FirmwareFailed, isUnsigned, moduleAnswer } from '../../abi/module-answer.ts';
import type { PdsAnswer, PdsCustomFirmware, PdsReplyParts } from '../../abi/pds/custom-firmware.ts';
import { commandOf, versionOf } from '../../abi/pds/rpc.ts';
import type { AdminQueue, PdsCommand, PdsCompletion, PdsOperation } from './adminq.ts';

export class CustomQueue implements AdminQueue {
  readonly maxRequest: number;
  readonly maxResponse: number;
  readonly endpoints: readonly number[];
  private readonly profile: AdminQueue;
  private readonly firmware: PdsCustomFirmware;
  private readonly failed: FirmwareFailed;

  constructor(profile: AdminQueue, firmware: PdsCustomFirmware, failed: FirmwareFailed) {
    this.profile = profile;
    this.maxRequest = profile.maxRequest;
    this.maxResponse = profile.maxResponse;
    this.endpoints = profile.endpoints;
    this.firmware = firmware;
    this.failed = failed;
  }

  query(ep: number): readonly PdsOperation[] {
    return this.profile.query(ep);
  }

  rpc({ op, ep, request, response }: PdsCommand): PdsCompletion | Held<PdsCompletion> {
    const { bytes, length } = response;
    const asked = {
      endpoint: ep,
      operation: commandOf(op),
      version: versionOf(op),
      bytes: request.bytes.slice(0, request.length),
      outLength: length,
    };
    return moduleAnswer(
      () => this.firmware.rpc(asked),
      (answer) => completed(answer, bytes.subarray(0, length)),
      this.failed,
    );
  }
}

/** Puts an answer into the response, which is zero. Throws a TypeError for one that is none. */
function completed(answer: PdsAnswer, response: Uint8Array): PdsCompletion {
  if (answer === undefined || answer === null) return { status: 0, err: 0 };
  if (typeof answer !== 'object')
    throw new TypeError(`rpc returned ${typeof answer}, not bytes or {status, retval, data}`);
  const { status = 0, retval = 0, data }: PdsReplyParts = answer instanceof Uint8Array ? { data: answer } : answer;
  if (!isUnsigned(status, 0xff)) throw new TypeError('status is not a whole number of 8 bits');
  if (!isUnsigned(retval, 0xffffffff)) throw new TypeError('retval is not a whole number of 32 bits');
  if (data !== undefined && !(data instanceof Uint8Array)) throw new TypeError('data is not a Uint8Array');
  if (data !== undefined) response.set(data.subarray(0, response.length));
  return { status, err: retval };
}
