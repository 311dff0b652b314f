/** The mailbox behind a guard: mlx5_cmd_do() of mlx5_core's cmd.c, which fails to deliver, or delivers a refusal. */
import type { Held } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { Mailbox } from '../../../firmware/mlx5/mailbox.ts';
import type { DoorGuard } from '../../../fwctl/dialect.ts';

export class GuardedMailbox implements Mailbox {
  private readonly inner: Mailbox;
  private readonly guard: DoorGuard;

  constructor(inner: Mailbox, guard: DoorGuard) {
    this.inner = inner;
    this.guard = guard;
  }

  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const { inner, guard } = this;
    if (!guard.active) return inner.exec(request, reply);
    return guard.pass(request, reply, () => inner.exec(request, reply));
  }
}
