/**
 * The device that stood behind the recorded cxl driver: a list of features, each with three runs of bytes (current,
 * default, saved), and parameters that make it fail. Its return codes are the specification's.
 */

import type { Clock } from '../../abi/clock.ts';
import {
  CXL_OPCODE,
  FEATURE_FLAGS,
  featureEntry,
  getFeature,
  SAVED_ACROSS_RESET,
  setFeature,
  TRANSFER,
  TRANSFER_MASK,
} from '../../abi/cxl/features.ts';
import { RETURN_CODE } from '../../abi/cxl/return-codes.ts';
import { sameUuid } from '../../abi/cxl/uuids.ts';
import { Held } from '../../abi/held.ts';
import { type LoopbackFeature, type LoopbackModel, loopbackFeatures } from './loopback-models.ts';
import type { CxlAnswer, CxlMailbox } from './mailbox.ts';

/** May be changed at any time; looked at in each command. */
export interface CxlLoopbackParameters {
  /** What every command returns; 0: what it deserves. */
  returnCode: number;
  /** No command is delivered. */
  undelivered: boolean;
  /** These two strike at the command of that number alone, from 1 since `begin`; 0: at all. */
  at: number;
  /** A GET_FEATURE of more than there is gets an error, what there is, or nothing. */
  short: 'error' | 'rest' | 'nothing';
  featuresCapability: number;
  /** Commands answer this late, milliseconds; 0: at once. Needs the clock. */
  delayMs: number;
}

const { INPUT, UNSUPPORTED, PAYLOADLEN, FEATUREVERSION, FEATURESELVALUE, FEATURETRANSFEROOO } = RETURN_CODE;
const DONE: CxlAnswer = { returnCode: 0, length: 0 };
const refused = (returnCode: number): CxlAnswer => ({ returnCode, length: 0 });
/** By selection: current, default, saved. */
const SELECTION_NEEDS = [0, FEATURE_FLAGS.DEFAULT_SEL, FEATURE_FLAGS.SAVED_SEL] as const;
const SAVED = 2;

export class CxlLoopback implements CxlMailbox {
  readonly payloadSize: number;
  readonly features: readonly Uint8Array[];
  readonly parameters: CxlLoopbackParameters;
  /** Commands that have come, those that were not delivered too. */
  commands = 0;
  private readonly table: readonly LoopbackFeature[];
  private readonly clock: Clock | undefined;
  /** The first command of the call that runs. */
  private first = 0;
  /** A SET_FEATURE in pieces: whose, and where the next one goes. */
  private transfer: { readonly feature: LoopbackFeature; readonly next: number } | undefined;

  constructor(model: LoopbackModel, clock?: Clock, parameters?: CxlLoopbackParameters) {
    this.payloadSize = model.payloadSize;
    this.table = loopbackFeatures(model);
    this.features = this.table.map(({ entry }) => entry);
    this.clock = clock;
    this.parameters = parameters ?? {
      returnCode: 0,
      undelivered: false,
      at: 0,
      short: 'error',
      featuresCapability: model.capability,
      delayMs: 0,
    };
  }

  get featuresCapability(): number {
    return this.parameters.featuresCapability;
  }

  /** Another call begins: `at` counts from here. */
  begin(): void {
    this.first = this.commands;
  }

  exec(opcode: number, input: Uint8Array, output: Uint8Array): CxlAnswer | undefined | Held<CxlAnswer | undefined> {
    this.commands++;
    const { delayMs } = this.parameters;
    const answer = this.answer(opcode, input, output);
    if (delayMs === 0 || this.clock === undefined) return answer;
    const late = new Held<CxlAnswer | undefined>();
    this.clock.after(delayMs, () => late.release(() => answer));
    return late;
  }

  private answer(opcode: number, input: Uint8Array, output: Uint8Array): CxlAnswer | undefined {
    const { returnCode, undelivered, at } = this.parameters;
    if (at === 0 || at === this.commands - this.first) {
      if (undelivered) return undefined;
      if (returnCode !== 0) return { returnCode, length: output.length };
    }
    const feature = this.table.find(({ entry }) => sameUuid(entry, featureEntry.uuid, input, getFeature.uuid));
    if (feature === undefined) return refused(UNSUPPORTED);
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    return opcode === CXL_OPCODE.GET_FEATURE ? this.get(feature, view, output) : this.set(feature, view, input);
  }

  private get({ flags, getSize, data }: LoopbackFeature, input: DataView, output: Uint8Array): CxlAnswer {
    const offset = input.getUint16(getFeature.offset, true);
    const count = input.getUint16(getFeature.count, true);
    const selection = input.getUint8(getFeature.selection);
    const needs = SELECTION_NEEDS[selection];
    if (needs === undefined || (flags & needs) !== needs) return refused(FEATURESELVALUE);
    if (offset > getSize) return refused(INPUT);
    let length = count;
    if (offset + count > getSize) {
      const { short } = this.parameters;
      if (short === 'error') return refused(INPUT);
      length = short === 'rest' ? getSize - offset : 0;
    }
    const from = selection * getSize + offset;
    output.set(data.subarray(from, from + length));
    return { returnCode: 0, length };
  }

  private set(feature: LoopbackFeature, input: DataView, bytes: Uint8Array): CxlAnswer {
    const { getSize, setSize, data } = feature;
    const flags = input.getUint32(setFeature.flags, true);
    const offset = input.getUint16(setFeature.offset, true);
    const given = bytes.subarray(setFeature.bytes);
    const action = flags & TRANSFER_MASK;
    const next = offset + given.length;
    if (input.getUint8(setFeature.version) !== 1) return refused(FEATUREVERSION);
    if (next > setSize) return refused(PAYLOADLEN);
    if (action > TRANSFER.FINISH) return refused(INPUT);
    const started = this.transfer?.feature === feature && this.transfer.next === offset;
    if (action >= TRANSFER.CONTINUE && !started) return refused(FEATURETRANSFEROOO);
    const goesOn = action === TRANSFER.INITIATE || action === TRANSFER.CONTINUE;
    this.transfer = goesOn ? { feature, next } : undefined;
    data.set(given, offset);
    if ((flags & SAVED_ACROSS_RESET) !== 0) data.set(given, SAVED * getSize + offset);
    return DONE;
  }
}
