/**
 * The emulated firmware of a NetXtreme behind its HWRM channel. A request is answered by the row of its type, or by
 * what the profile has for it; without either it is CMD_NOT_SUPPORTED, one below its structure's length INVALID_PARAMS.
 */
import { ERROR_CODE, requestHeader, responseHeader } from '../../abi/bnxt/hwrm.ts';
import { writeFields } from '../../abi/bnxt/layout.ts';
import type { BnxtValues } from '../../abi/bnxt/profile-shape.ts';
import { layoutsOf } from '../../abi/bnxt/request-layouts.ts';
import { requestName } from '../../abi/bnxt/requests.ts';
import type { Clock } from '../../abi/clock.ts';
import type { StatefulFirmware } from '../../abi/device-state.ts';
import { unhex } from '../../abi/hex.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import { HwrmCall, INVALID_PARAMS, Refused } from './command.ts';
import { COMMANDS } from './commands.ts';
import { BnxtDevice } from './device.ts';
import type { Hwrm, HwrmBuffer } from './hwrm.ts';
import type { NvmItem } from './nvm-directory.ts';
import { type BnxtState, restoreState, saveState } from './state.ts';

const NOT_SUPPORTED = new Refused(ERROR_CODE.CMD_NOT_SUPPORTED);
const VARIABLES = 'nvm.variables.';

export class BnxtFirmware implements Hwrm, StatefulFirmware {
  readonly stopped = false;
  private readonly device: BnxtDevice;
  /** Answers that follow from the values alone, by request. */
  private readonly fixed = new Map<number, Uint8Array>();
  /** The kernel's counter, which it puts into each request. */
  private sequence = 0;

  /** `items`: the NVM's content. Throws RangeError when they do not fit into the profile's. */
  constructor(values: BnxtValues, items: readonly NvmItem[], clock: Clock) {
    this.device = new BnxtDevice(values, items, clock);
  }

  exec(request: MessageBuffer, response: MessageBuffer, buffers: readonly HwrmBuffer[]): undefined {
    const type = request.view.getUint16(requestHeader.reqType, true);
    const told = this.toldAnswer(type);
    const answer = told ?? this.answer(type, request, buffers);
    const bytes = answer instanceof Refused ? refusal(answer) : answer;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    view.setUint16(responseHeader.reqType, type, true);
    view.setUint16(responseHeader.seqId, this.sequence, true);
    view.setUint16(responseHeader.respLen, bytes.length, true);
    view.setUint8(bytes.length - 1, 1);
    this.sequence = (this.sequence + 1) & 0xffff;
    response.bytes.set(bytes.subarray(0, Math.min(bytes.length, response.length)));
    return undefined;
  }

  /** What the profile says of that request. */
  private toldAnswer(type: number): Uint8Array | Refused | undefined {
    const { hwrm } = this.device.values;
    const row = hwrm[requestName(type)];
    if (row === undefined) return undefined;
    if (row.status !== 0) return new Refused(row.status);
    const told = unhex(row.bytes) ?? new Uint8Array(0);
    const bytes = new Uint8Array(Math.ceil((responseHeader.bytes + told.length + 1) / 8) * 8);
    bytes.set(told, responseHeader.bytes);
    return bytes;
  }

  private answer(type: number, request: MessageBuffer, buffers: readonly HwrmBuffer[]): Uint8Array | Refused {
    const command = COMMANDS.get(requestName(type));
    if (command === undefined) return NOT_SUPPORTED;
    const layouts = layoutsOf(type);
    if (request.length < layouts.request.bytes) return INVALID_PARAMS;
    const known = this.fixed.get(type);
    if (known !== undefined) return known;
    const fields = command.execute(this.device, new HwrmCall(layouts.request, request.view, buffers));
    if (fields instanceof Refused) return fields;
    const bytes = new Uint8Array(layouts.response.bytes);
    writeFields(layouts.response, new DataView(bytes.buffer), fields);
    if (command.fixed) this.fixed.set(type, bytes);
    return bytes;
  }

  /** Whether a request of that type may change what is kept. */
  keeps(type: number): boolean {
    return COMMANDS.get(requestName(type))?.keeps === true;
  }

  saveState(): BnxtState {
    return saveState(this.device);
  }

  restoreState(state: unknown): void {
    restoreState(this.device, state);
  }

  /** The profile's values as they are now, with the NVM's variables as requests have left them. */
  liveValues(): BnxtValues {
    const { values, variables } = this.device;
    return { ...values, nvm: { ...values.nvm, variables: variables.values() } };
  }

  adopt(values: BnxtValues, path: string): void {
    const { device } = this;
    device.traffic.count(device.values);
    device.values = values;
    this.fixed.clear();
    const name = path.startsWith(VARIABLES) ? path.slice(VARIABLES.length) : undefined;
    if (name !== undefined) device.variables.adopt(name, values.nvm.variables[name] ?? '');
  }
}

/** struct hwrm_err_output. */
function refusal({ code, cmdErr }: Refused): Uint8Array {
  const bytes = new Uint8Array(responseHeader.refusal);
  new DataView(bytes.buffer).setUint16(responseHeader.errorCode, code, true);
  bytes[responseHeader.cmdErr] = cmdErr;
  return bytes;
}
