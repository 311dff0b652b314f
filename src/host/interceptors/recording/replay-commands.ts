/** A node of iommufd that is played from a recording: the commands behind its dispatch, without any object. */
import { type Call, FRAME, type UserPointer } from '../../../kernel/call.ts';
import type { CommandOps, IoctlCommand } from '../../../kernel/commands.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { RecordedIoctl, RecordedWrite } from './format.ts';
import { addressOf, ioctlRequest, readPointedTo } from './ioctl-request.ts';
import type { Player } from './player.ts';
import { refuseMiss, throwRecorded } from './replay.ts';

const ANSWER_UNWRITABLE = new Errno('EFAULT', 'the recorded answer cannot be written to the caller');

/** `missed` hears of each call that the recording does not answer; the client gets ENODATA. */
export function replayCommands(node: string, player: Player, missed: (miss: string) => void): CommandOps {
  const execute = (command: IoctlCommand, call: Call): number => {
    const found = player.ioctl(node, ioctlRequest(command, call), (length) => readPointedTo(command, call, length));
    if ('miss' in found) return refuseMiss(found.miss, missed);
    writeAnswer(command, call, found.exchange);
    throwRecorded(found.exchange.errno);
    return found.exchange.value ?? 0;
  };
  return {
    open() {
      const found = player.open(node);
      if ('miss' in found) return refuseMiss(found.miss, missed);
      throwRecorded(found.exchange.errno);
      return { execute, release: () => {} };
    },
  };
}

/** Throws EFAULT, as the recorded command would have. */
function writeAnswer(command: IoctlCommand, call: Call, { out = [], data_out = [] }: RecordedIoctl): void {
  let at: number = FRAME.in;
  const queue = (pointer: UserPointer, [offset, hex]: RecordedWrite): void => {
    const bytes = Buffer.from(hex, 'hex');
    call.bytes.set(bytes, at);
    call.copyToUser(pointer, offset, at, bytes.length);
    at += bytes.length;
  };
  for (const write of data_out) queue(addressOf(command), write);
  for (const write of out) queue(FRAME.arg, write);
  if (at > FRAME.in && !call.commit()) throw ANSWER_UNWRITABLE;
}
