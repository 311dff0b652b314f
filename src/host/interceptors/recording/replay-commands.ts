/** A node of iommufd that is played from a recording: the commands behind its dispatch, without any object. */
import { type Call, FRAME } from '../../../kernel/call.ts';
import type { CommandOps, IoctlCommand } from '../../../kernel/commands.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { RecordedIoctl } from './format.ts';
import { addressOf, ioctlRequest, readPointedTo } from './ioctl-request.ts';
import type { Player } from './player.ts';
import { answered, queueWrite, throwRecorded } from './replay.ts';

const ANSWER_UNWRITABLE = new Errno('EFAULT', 'the recorded answer cannot be written to the caller');

/** `missed` hears of each call that the recording does not answer; the client gets ENODATA. */
export function replayCommands(node: string, player: Player, missed: (miss: string) => void): CommandOps {
  const execute = (command: IoctlCommand, call: Call): number => {
    const found = player.ioctl(node, ioctlRequest(command, call), (length) => readPointedTo(command, call, length));
    const recorded = answered(found, missed);
    writeAnswer(command, call, recorded);
    throwRecorded(recorded.errno);
    return recorded.value ?? 0;
  };
  return {
    open() {
      throwRecorded(answered(player.open(node), missed).errno);
      return { execute, release: () => {} };
    },
  };
}

/** Throws EFAULT, as the recorded command would have. */
function writeAnswer(command: IoctlCommand, call: Call, { out = [], data_out = [] }: RecordedIoctl): void {
  let at: number = FRAME.in;
  for (const [offset, hex] of data_out) at = queueWrite(call, at, addressOf(command), offset, hex);
  for (const [offset, hex] of out) at = queueWrite(call, at, FRAME.arg, offset, hex);
  if (at > FRAME.in && !call.commit()) throw ANSWER_UNWRITABLE;
}
