/** Faults between a dispatch and its commands (iommufd): at opens, and at each ioctl that has passed the checks. */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { Call } from '../../../kernel/call.ts';
import type { CommandFile, CommandOps, IoctlCommand } from '../../../kernel/commands.ts';
import type { DeviceFaults } from './device-faults.ts';
import { NONE, type Strike } from './plan.ts';
import { carryOut } from './strike.ts';

export function faultyCommands(inner: CommandOps, faults: DeviceFaults): CommandOps {
  return {
    open(caller) {
      const strikes = faults.plan.active ? faults.strikes({ what: 'open' }, caller) : NONE;
      const file = struck(strikes, faults, () => inner.open(caller));
      return whenReleased(file, (commands) => new FaultyFile(commands, faults));
    },
  };
}

class FaultyFile implements CommandFile {
  private readonly inner: CommandFile;
  private readonly faults: DeviceFaults;

  constructor(inner: CommandFile, faults: DeviceFaults) {
    this.inner = inner;
    this.faults = faults;
  }

  execute(command: IoctlCommand, call: Call): number | Held<number> {
    const { faults, inner } = this;
    if (!faults.plan.active) return inner.execute(command, call);
    const strikes = faults.once(call, () => faults.strikes({ what: 'ioctl', command: command.number }, call.caller));
    return struck(strikes, faults, () => inner.execute(command, call));
  }

  release(): void {
    this.inner.release();
  }
}

/** An errno, and time, are all that can come of it: there is no firmware, and nothing to unplug. */
function struck<T>(strikes: readonly Strike[], faults: DeviceFaults, execute: () => T | Held<T>): T | Held<T> {
  return strikes.length === 0 ? execute() : carryOut<T>(strikes, faults, { execute });
}
