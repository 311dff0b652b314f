/** One RPC: mlx5ctl_fw_rpc() of drivers/fwctl/mlx5/main.c. */
import type { Held } from '../../abi/held.ts';
import { zero } from '../../abi/message-buffer.ts';
import { replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import type { AbiProfile } from '../../abi/profiles.ts';
import type { Mailbox } from '../../firmware/mlx5/mailbox.ts';
import type { FwctlRpc } from '../../fwctl/ops.ts';
import { Errno } from '../../kernel/errno.ts';
import { compileScopes, SCOPE_RULE, scopeRefusal, V2_NO_WRITE_SCOPE } from './scopes.ts';
import type { Mlx5Uctx } from './uctx.ts';

const IN_TOO_SHORT = new Errno(
  'EMSGSIZE',
  'in_len is below the 16 bytes of a command header',
  'send at least 16 bytes',
);
const OUT_TOO_SHORT = new Errno(
  'EMSGSIZE',
  'out_len is below the 16 bytes of a reply header',
  'ask for at least 16 bytes',
);

export class Mlx5Rpc {
  private readonly mailbox: Mailbox;
  private readonly abi: AbiProfile;
  private readonly allowed: Uint8Array;
  /** The lowest scope that the driver refuses as a whole. */
  private readonly scopeLimit: number;

  constructor(mailbox: Mailbox, abi: AbiProfile) {
    this.mailbox = mailbox;
    this.abi = abi;
    this.allowed = compileScopes(abi);
    this.scopeLimit = SCOPE_RULE[abi.name] === 'downward' ? 2 : 4;
  }

  /**
   * The reply's length, always what was asked for: what the firmware, whose status is in it, leaves out is zero. The
   * request's uid becomes the context's own. Throws EMSGSIZE, EOPNOTSUPP, EBADMSG, or what delivery fails with.
   */
  exec(uctx: Mlx5Uctx, { scope, request, reply }: FwctlRpc): number | Held<number> {
    const outLength = reply.length;
    if (request.length < requestHeader.bytes) throw IN_TOO_SHORT;
    if (outLength < replyHeader.bytes) throw OUT_TOO_SHORT;
    if (scope >= this.scopeLimit) throw V2_NO_WRITE_SCOPE;

    const { view } = request;
    const opcode = view.getUint16(requestHeader.opcode);
    const opMod = view.getUint16(requestHeader.opMod);
    const scopes = this.allowed[opcode] as number;
    if (((scopes >> (opMod === 0 ? scope : scope + 4)) & 1) === 0) throw scopeRefusal(this.abi, opcode, opMod);

    view.setUint16(requestHeader.uid, uctx.uid);
    zero(reply, outLength);
    const late = this.mailbox.exec(request, reply);
    return late === undefined ? outLength : lengthOf(late, outLength);
  }
}

/** A function of its own, because a closure in `exec` would cost every RPC an allocation. */
function lengthOf(late: Held<undefined>, length: number): Held<number> {
  return late.map(() => length);
}
