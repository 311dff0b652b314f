/** An emulated NetXtreme without a driver: requests by name and fields. */
import type { FieldInput, FieldValue } from '../../../../src/abi/bits.ts';
import { requestHeader, responseHeader } from '../../../../src/abi/bnxt/hwrm.ts';
import { fieldsIn, plainLayout, readField, writeFields } from '../../../../src/abi/bnxt/layout.ts';
import type { BnxtValues } from '../../../../src/abi/bnxt/profile-shape.ts';
import { BNXT_SHAPE } from '../../../../src/abi/bnxt/profile-shape.ts';
import { layoutsOf } from '../../../../src/abi/bnxt/request-layouts.ts';
import { REQUESTS } from '../../../../src/abi/bnxt/requests.ts';
import type { Clock } from '../../../../src/abi/clock.ts';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import type { OverrideValue } from '../../../../src/abi/profile-shape.ts';
import { withOverrides } from '../../../../src/abi/profile-values.ts';
import { BNXT57508 } from '../../../../src/devices/bnxt/bnxt57508.ts';
import { BnxtFirmware } from '../../../../src/firmware/bnxt/firmware.ts';
import type { NvmItem } from '../../../../src/firmware/bnxt/nvm-directory.ts';

export class HandClock implements Clock {
  seconds = 1000;

  monotonicNs(): number {
    return this.seconds * 1e9;
  }

  wallMs(): number {
    return this.seconds * 1e3;
  }

  after(): () => void {
    return () => {};
  }
}

export interface Answer {
  readonly code: number;
  readonly cmdErr: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export class Rig {
  readonly clock = new HandClock();
  readonly values: BnxtValues;
  readonly firmware: BnxtFirmware;

  constructor(overrides: Readonly<Record<string, OverrideValue>> = {}, items: readonly NvmItem[] = []) {
    this.values = withOverrides(BNXT_SHAPE, BNXT57508.values, overrides);
    this.firmware = new BnxtFirmware(this.values, items, this.clock);
  }

  /** Bytes: the device reads them; a number: so many that it fills, in `filled`. */
  ask(
    name: string,
    values: Readonly<Record<string, FieldInput>> = {},
    buffers: readonly (Uint8Array | number)[] = [],
    lengths: { request?: number; response?: number } = {},
  ): Answer & { readonly filled: readonly Uint8Array[] } {
    const type = typeOf(name);
    const { request: layout, response } = layoutsOf(type);
    const request = messageBuffer(128);
    request.length = lengths.request ?? layout.bytes;
    request.view.setUint16(requestHeader.reqType, type, true);
    writeFields(layout, request.view, values);
    const reply = messageBuffer(lengths.response ?? Math.max(response.bytes, 16));
    const taken = buffers.map((one) => ({
      toDevice: typeof one !== 'number',
      bytes: typeof one === 'number' ? new Uint8Array(one) : one,
    }));
    this.firmware.exec(request, reply, taken);
    const { view, bytes } = reply;
    return {
      code: view.getUint16(responseHeader.errorCode, true),
      cmdErr: bytes[responseHeader.cmdErr] ?? 0,
      length: view.getUint16(responseHeader.respLen, true),
      bytes,
      fields: Object.fromEntries([...fieldsIn(response, view)].map((field) => [field.path, readField(field, view)])),
      filled: taken.map((one) => one.bytes),
    };
  }
}

export function typeOf(name: string): number {
  const type = REQUESTS.find((row) => row.name === name)?.type;
  if (type === undefined) throw new Error(`no request ${name}`);
  return type;
}

/** Counters of a buffer by name. */
export function counters(words: string, bytes: Uint8Array): Readonly<Record<string, FieldValue>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Object.fromEntries(
    [...fieldsIn(plainLayout(words), view)].map((field) => [field.path, readField(field, view)]),
  );
}
