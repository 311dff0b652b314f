/** What a verb of the control socket writes to and is ended by, in a process of its own. */
import { writeBeside } from '../emulator/standard-output.ts';
import type { CallSurroundings } from './control-call.ts';

export function ownSurroundings(): CallSurroundings {
  return {
    env: process.env,
    write: (data) => void process.stdout.write(data),
    writeBeside: (data) => writeBeside(1, data),
    terminal: process.stdout.isTTY === true,
    signals: process,
  };
}
