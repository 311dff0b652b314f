/** A row of the command table: what the firmware does with one HWRM request. */
import type { FieldInput } from '../../abi/bits.ts';
import { ERROR_CODE } from '../../abi/bnxt/hwrm.ts';
import { type HwrmField, type HwrmLayout, readField } from '../../abi/bnxt/layout.ts';
import type { BnxtDevice } from './device.ts';
import type { HwrmBuffer } from './hwrm.ts';

/** Fields of the response by name; the others are 0. */
export type Fields = Readonly<Record<string, FieldInput>>;

/** The firmware says no: error_code, and the request's own cmd_err. */
export class Refused {
  readonly code: number;
  readonly cmdErr: number;

  constructor(code: number, cmdErr = 0) {
    this.code = code;
    this.cmdErr = cmdErr;
  }
}

export const INVALID_PARAMS = new Refused(ERROR_CODE.INVALID_PARAMS);

/**
 * Where a row's values come from: `profile` (its values, live ones too), `state` (what requests have made of it) or
 * `invented` (plausible and constant). None has been compared with hardware.
 */
export type Values = 'profile' | 'state' | 'invented';

export interface Command {
  readonly values: Values;
  /** The answer follows from the profile's values alone, whatever the request says. */
  readonly fixed?: boolean;
  /** It may change what is kept without power. */
  readonly keeps?: boolean;
  execute(device: BnxtDevice, call: HwrmCall): Fields | Refused;
}

/** By the request's name. */
export type CommandTable = Readonly<Record<string, Command>>;

type Execute = Command['execute'];

export const ofProfile = (execute: (device: BnxtDevice) => Fields): Command => ({
  values: 'profile',
  fixed: true,
  execute,
});
export const ofState = (execute: Execute): Command => ({ values: 'state', execute });
/** A request that may change what is kept. */
export const keeping = (execute: Execute): Command => ({ values: 'state', keeps: true, execute });
export const invented = (fields: Fields = {}): Command => ({
  values: 'invented',
  fixed: true,
  execute: () => fields,
});

/** One request, its fields by name, and the buffers that it points to. */
export class HwrmCall {
  readonly buffers: readonly HwrmBuffer[];
  private readonly layout: HwrmLayout;
  private readonly view: DataView;

  constructor(layout: HwrmLayout, view: DataView, buffers: readonly HwrmBuffer[]) {
    this.layout = layout;
    this.view = view;
    this.buffers = buffers;
  }

  /** A field of at most 32 bits. */
  get(path: string): number {
    const field = this.layout.fields.find((each: HwrmField) => each.path === path);
    if (field === undefined) throw new Error(`no such field: ${path}`);
    return Number(readField(field, this.view));
  }

  has(path: string): boolean {
    return this.layout.fields.some((each) => each.path === path);
  }

  /** The nth buffer; without bytes where the kernel knows of none. */
  buffer(n: number): Uint8Array {
    return this.buffers[n]?.bytes ?? NOTHING;
  }
}

const NOTHING = new Uint8Array(0);
