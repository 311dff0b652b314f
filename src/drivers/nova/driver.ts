/**
 * The nova-core fwctl driver: NovaCoreFwCtl of drivers/gpu/nova-core/fwctl.rs in NVIDIA's branch, over the command
 * queue of one GPU. It is in no release, and not recorded: the order of its checks is that of its text.
 */
import { type Held, whenReleased } from '../../abi/held.ts';
import { type MessageBuffer, zero } from '../../abi/message-buffer.ts';
import { GMC_COMMAND_ROWS, MAX_RESPONSE, rpcHeader } from '../../abi/nova/gmcapi.ts';
import type { GmcQueue } from '../../firmware/nova/mailbox.ts';
import type { DoorGuard } from '../../fwctl/dialect.ts';
import type { FwctlOps, FwctlRpc } from '../../fwctl/ops.ts';
import { Errno } from '../../kernel/errno.ts';
import { isPermitted } from './scopes.ts';
import { statusRefusal } from './status-errno.ts';

const IN_SHORT = new Errno(
  'EINVAL',
  'in_len is below the 8 bytes of struct fwctl_rpc_nova_core',
  'send at least 8 bytes',
);
const RESERVED = new Errno('EINVAL', 'reserved of struct fwctl_rpc_nova_core is not 0', 'set it to 0');
const NOT_PERMITTED = new Errno(
  'EPERM',
  'the driver lets no such command through in this scope',
  `call one of ${GMC_COMMAND_ROWS.map(({ name }) => name).join(', ')} with fwctl_rpc.scope = FWCTL_RPC_CONFIGURATION`,
);

type Execute = (request: MessageBuffer, reply: MessageBuffer) => undefined | Held<undefined>;

/** There is one for all open files: the driver keeps nothing of them. */
const CONTEXT = {};

/** `guards`: what stands at the door, the innermost first. */
export function novaFwctl(queue: GmcQueue, deviceType: number, guards: readonly DoorGuard[] = []): FwctlOps<object> {
  const execute = guards.reduce<Execute>(
    (inner, guard) => (request, reply) =>
      guard.active ? guard.pass(request, reply, () => inner(request, reply)) : inner(request, reply),
    (request, reply) => send(queue, request, reply),
  );
  return {
    deviceType,
    openUctx: () => CONTEXT,
    closeUctx() {},
    info: () => 0,
    fwRpc: (_uctx, rpc) => fwRpc(rpc, execute),
  };
}

/** Returns the length of header and payload, whatever was asked for. Throws EINVAL, EPERM, or EIO for any status. */
function fwRpc({ scope, request, reply }: FwctlRpc, execute: Execute): number | Held<number> {
  if (request.length < rpcHeader.bytes) throw IN_SHORT;
  const commandId = request.view.getUint32(rpcHeader.commandId, true);
  if (request.view.getUint32(rpcHeader.reserved, true) !== 0) throw RESERVED;
  if (!isPermitted(scope, commandId)) throw NOT_PERMITTED;
  reply.length = rpcHeader.bytes;
  return whenReleased(execute(request, reply), () => {
    reply.view.setUint32(rpcHeader.commandId, commandId, true);
    reply.view.setUint32(rpcHeader.reserved, 0, true);
    return reply.length;
  });
}

function send(queue: GmcQueue, { view, bytes, length }: MessageBuffer, reply: MessageBuffer): undefined {
  zero(reply, rpcHeader.bytes);
  const commandId = view.getUint32(rpcHeader.commandId, true);
  const payload = new DataView(bytes.buffer, bytes.byteOffset + rpcHeader.bytes, length - rpcHeader.bytes);
  const response = reply.bytes.subarray(rpcHeader.bytes, rpcHeader.bytes + MAX_RESPONSE);
  const { status, length: written } = queue.send(commandId, payload, response);
  if (status !== 0) throw statusRefusal(status);
  reply.length = rpcHeader.bytes + written;
}
