/** FWCTL_RPC: fwctl_cmd_rpc() of drivers/fwctl/main.c. The order of its checks is seen by every caller. */
import { fwctlRpc, MAX_RPC_LEN, SCOPE } from '../abi/fwctl.ts';
import type { Held } from '../abi/held.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import { CAP_SYS_RAWIO, type Caller } from '../kernel/caller.ts';
import { Errno } from '../kernel/errno.ts';
import { KERN_WARNING } from '../kernel/kmsg.ts';
import { TAINT_FWCTL } from '../kernel/taint.ts';
import { respond } from '../kernel/ucmd.ts';
import type { FwctlDevice, FwctlUctx } from './device.ts';

const SCOPE_WORD = FRAME.ucmd + fwctlRpc.scope;
const IN_LEN = FRAME.ucmd + fwctlRpc.inLen;
const OUT_LEN = FRAME.ucmd + fwctlRpc.outLen;
const IN = FRAME.ucmd + fwctlRpc.in;
const OUT = FRAME.ucmd + fwctlRpc.out;

const IN_TOO_LONG = new Errno('EMSGSIZE', 'in_len is above 2 MiB', 'send at most 2097152 bytes');
const OUT_TOO_LONG = new Errno('EMSGSIZE', 'out_len is above 2 MiB', 'ask for at most 2097152 bytes');
const NOT_CAPABLE = new Errno(
  'EPERM',
  'scope FWCTL_RPC_DEBUG_WRITE_FULL needs CAP_SYS_RAWIO in the initial user namespace',
  'run with CAP_SYS_RAWIO, or use a lower scope',
);
const LOCKED_DOWN = new Errno(
  'EPERM',
  'kernel lockdown forbids scope FWCTL_RPC_DEBUG_WRITE_FULL',
  'ask for the lowest scope that the command needs (reading a register needs 1), or run without lockdown',
);
const NO_SUCH_SCOPE = new Errno('EOPNOTSUPP', 'scope is above FWCTL_RPC_DEBUG_WRITE_FULL (3)', 'use a scope of 0 to 3');
const IN_UNREADABLE = new Errno('EFAULT', 'the buffer at in cannot be read for in_len bytes', 'map it readable');

export function fwctlCmdRpc(uctx: FwctlUctx, call: Call): number | Held<number> {
  const { view } = call;
  const { device } = uctx;
  const inLength = view.getUint32(IN_LEN, true);
  const outLength = view.getUint32(OUT_LEN, true);
  if (inLength > MAX_RPC_LEN) throw IN_TOO_LONG;
  if (outLength > MAX_RPC_LEN) throw OUT_TOO_LONG;

  const scope = view.getUint32(SCOPE_WORD, true);
  if (scope >= SCOPE.FWCTL_RPC_DEBUG_WRITE) admitWriteScope(device, call.caller, scope);

  if (inLength !== 0 && call.copyFromUser(IN, 0, FRAME.in, inLength) !== inLength) throw IN_UNREADABLE;
  call.in.length = inLength;
  call.out.length = outLength;
  const answer = device.ops.fwRpc(uctx.context, { scope, request: call.in, reply: call.out, call });
  return typeof answer === 'number' ? copyOut(call, outLength, answer) : copyOutLate(call, outLength, answer);
}

/** Scopes 2, 3 and those that do not exist. Taints, whatever becomes of the call afterwards. */
function admitWriteScope(device: FwctlDevice, caller: Caller, scope: number): void {
  if (scope > SCOPE.FWCTL_RPC_DEBUG_WRITE_FULL) throw NO_SUCH_SCOPE;
  if (scope === SCOPE.FWCTL_RPC_DEBUG_WRITE_FULL && !caller.capable(CAP_SYS_RAWIO)) throw NOT_CAPABLE;
  if (scope > device.highestScope) throw LOCKED_DOWN;
  if (!device.taint.add(TAINT_FWCTL)) return;
  const text = `fwctl ${device.name}: ${caller.comm()}(${caller.pid()}): ${device.abi.taintText}`;
  device.kmsg.print(KERN_WARNING, text, { subsystem: 'fwctl', device: `c${device.major}:${device.minor}` });
}

/** The driver's length goes back to the caller, also where it is larger than the caller's buffer. */
function copyOut(call: Call, userLength: number, length: number): number {
  const copied = length < userLength ? length : userLength;
  if (copied !== 0) call.copyToUser(OUT, 0, FRAME.out, copied);
  call.view.setUint32(OUT_LEN, length, true);
  return respond(call, fwctlRpc.bytes);
}

/** A function of its own, because a closure in the command itself would cost every call an allocation. */
function copyOutLate(call: Call, userLength: number, late: Held<number>): Held<number> {
  return late.map((length) => copyOut(call, userLength, length));
}
