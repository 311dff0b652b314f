/** A firmware on a clock that stands still, and requests in one line. */
import type { Clock } from '../../../../src/abi/clock.ts';
import { messageBuffer } from '../../../../src/abi/message-buffer.ts';
import type { Mlx5DeviceProfile } from '../../../../src/abi/mlx5/device-profile.ts';
import { OPCODE } from '../../../../src/abi/mlx5/opcodes.ts';
import type { OverrideValue } from '../../../../src/abi/profile-shape.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { applyOverrides } from '../../../../src/devices/mlx5/overrides.ts';
import { createMlx5Firmware, type FirmwareOptions, type Mlx5Firmware } from '../../../../src/firmware/mlx5/firmware.ts';

export interface Answer {
  readonly status: number;
  readonly syndrome: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

export interface Rig {
  readonly firmware: Mlx5Firmware;
  /** Moves the clock. */
  pass(ns: number): void;
  /** `fill` writes into the request behind opcode, uid and op_mod. */
  command(opcode: number, options?: CommandOptions): Answer;
  createUctx(caps: number): Answer & { readonly uid: number };
  destroyUctx(uid: number): Answer;
  readRegister(id: number, data?: Uint8Array, out?: number): Answer & { readonly data: DataView };
  writeRegister(id: number, data: Uint8Array): Answer & { readonly data: DataView };
}

export interface CommandOptions {
  readonly uid?: number;
  readonly opMod?: number;
  readonly in?: number;
  readonly out?: number;
  fill?(view: DataView, bytes: Uint8Array): void;
}

export function rig(
  overrides: Record<string, OverrideValue> = {},
  profile: Mlx5DeviceProfile = connectx6dx,
  around: Omit<FirmwareOptions, 'clock'> = {},
): Rig {
  let now = 5_000_000_000;
  const clock: Clock = { monotonicNs: () => now, wallMs: () => 0, after: () => () => {} };
  const firmware = createMlx5Firmware(applyOverrides(profile, overrides), { clock, ...around });

  function command(
    opcode: number,
    { uid = 0, opMod = 0, in: inLength = 16, out = 16, fill }: CommandOptions = {},
  ): Answer {
    // Buffers larger than the lengths, with a pattern behind: nothing may be read or written there.
    const request = messageBuffer(inLength + 64);
    request.bytes.fill(0xee, inLength);
    request.length = inLength;
    if (inLength >= 8) {
      request.view.setUint16(0, opcode);
      request.view.setUint16(2, uid);
      request.view.setUint16(6, opMod);
    }
    fill?.(request.view, request.bytes);
    const before = request.bytes.slice();
    const reply = messageBuffer(out + 64);
    reply.bytes.fill(0xdd, out);
    reply.length = out;
    firmware.exec(request, reply);
    if (reply.bytes.subarray(out).some((byte) => byte !== 0xdd))
      throw new Error('the reply was written past its length');
    if (Buffer.compare(before, request.bytes) !== 0) throw new Error('the request was changed');
    const bytes = reply.bytes.slice(0, out);
    const view = new DataView(bytes.buffer);
    return { status: out > 0 ? view.getUint8(0) : -1, syndrome: out >= 8 ? view.getUint32(4) : -1, view, bytes };
  }

  function register(id: number, opMod: number, data: Uint8Array, out: number) {
    const answer = command(OPCODE.ACCESS_REG, {
      opMod,
      in: 16 + data.length,
      out,
      fill(view, bytes) {
        view.setUint16(10, id);
        bytes.set(data, 16);
      },
    });
    return { ...answer, data: new DataView(answer.bytes.buffer, Math.min(16, out)) };
  }

  return {
    firmware,
    pass: (ns) => {
      now += ns;
    },
    command,
    createUctx(caps) {
      const answer = command(OPCODE.CREATE_UCTX, { in: 64, fill: (view) => view.setUint32(16, caps) });
      return { ...answer, uid: answer.view.getUint16(10) };
    },
    destroyUctx: (uid) => command(OPCODE.DESTROY_UCTX, { fill: (view) => view.setUint16(10, uid) }),
    readRegister: (id, data = new Uint8Array(0), out = 16 + 3100) => register(id, 1, data, out),
    writeRegister: (id, data) => register(id, 0, data, 16 + data.length),
  };
}

/** Register data that select port 1. */
export function port1(bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  data[1] = 1;
  return data;
}
