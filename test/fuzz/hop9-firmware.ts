/**
 * Hops 9 to 11: any command to the emulated mlx5 firmware. Nothing is thrown, the reply has a status that exists, no
 * byte is written outside of it, and the request is left as it was.
 */
import { MAX_RPC_LEN } from '../../src/abi/fwctl.ts';
import { type MessageBuffer, messageBuffer } from '../../src/abi/message-buffer.ts';
import { OPCODES } from '../../src/abi/mlx5/opcodes.ts';
import { REGISTERS } from '../../src/abi/mlx5/registers.ts';
import { DEVICE_PROFILES } from '../../src/devices/mlx5/profiles.ts';
import { createMlx5Firmware } from '../../src/firmware/mlx5/firmware.ts';
import type { Mailbox } from '../../src/firmware/mlx5/mailbox.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hex } from './target.ts';

const COMMANDS = OPCODES.map(({ opcode }) => opcode);
const REGISTER_IDS = REGISTERS.map(({ id }) => id);
const ACCESS_REG = 0x805;
const ACCESS_REGISTER_USER = 0xb0c;
/** What stands behind the reply, to see a write that is too long. */
const GUARD = 0x5a;
const GUARD_BYTES = 64;
/** A device is powered up anew after this many commands: it forgets what it was told. */
const COMMANDS_A_LIFE = 20_000;

export function hop9Firmware(): FuzzTarget {
  const request = messageBuffer(MAX_RPC_LEN);
  const reply = messageBuffer(MAX_RPC_LEN);
  let lives: Mailbox[] = [];
  let commands = 0;
  return {
    name: 'hop9',
    claim: 'any command is answered at once, within the reply, and throws nothing',
    run(random, note) {
      if (commands++ % COMMANDS_A_LIFE === 0)
        lives = DEVICE_PROFILES.map((profile) => createMlx5Firmware(profile, { clock: systemClock }));
      command(random, request);
      reply.length = random.chance(80) ? 16 + random.below(512) : random.below(8192);
      if (random.chance(1)) reply.length = MAX_RPC_LEN;
      note(`out ${reply.length}: ${hex(request.bytes.subarray(0, request.length))}`);
      const length = reply.length;
      reply.bytes.fill(0, 0, length);
      const guarded = Math.min(length + GUARD_BYTES, MAX_RPC_LEN);
      reply.bytes.fill(GUARD, length, guarded);
      const before = request.bytes.slice(0, Math.min(request.length, 4096));
      const answer = random.pick(lives).exec(request, reply);
      if (answer !== undefined) throw new Error('held, though nothing is slow');
      if (reply.length !== length) throw new Error('the length asked for has been changed');
      for (let i = length; i < guarded; i++)
        if (reply.bytes[i] !== GUARD) throw new Error(`byte ${i} behind the reply was written`);
      if (Buffer.compare(before, request.bytes.subarray(0, before.length)) !== 0)
        throw new Error('the request was changed');
    },
  };
}

function command(random: Random, request: MessageBuffer): void {
  const length = random.chance(80) ? 16 + random.below(1024) : random.below(4200);
  request.length = length;
  random.fill(request.bytes.subarray(0, length));
  if (length < 8) return;
  const opcode = random.chance(40)
    ? random.pick([ACCESS_REG, ACCESS_REGISTER_USER])
    : random.chance(90)
      ? random.pick(COMMANDS)
      : random.u32() & 0xffff;
  request.view.setUint16(0, opcode);
  request.view.setUint16(2, random.below(4));
  request.view.setUint16(6, random.chance(80) ? random.below(64) : random.u32() & 0xffff);
  if (length >= 16 && (opcode === ACCESS_REG || opcode === ACCESS_REGISTER_USER)) {
    request.view.setUint16(6, random.below(3));
    request.view.setUint16(10, random.chance(90) ? random.pick(REGISTER_IDS) : random.u32() & 0xffff);
  }
}
