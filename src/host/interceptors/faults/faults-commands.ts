/** Faults between a dispatch and its commands (iommufd): at opens, and at each ioctl that has passed the checks. */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { Call } from '../../../kernel/call.ts';
import type { CommandFile, CommandOps, IoctlCommand } from '../../../kernel/commands.ts';
import type { DeviceFaults } from './device-faults.ts';
import type { Strike } from './plan.ts';
import { carryOut } from './strike.ts';

export function faultyCommands(inner: CommandOps, faults: DeviceFaults): CommandOps {
  return {
    open(caller) {
      const strikes = faults.plan.active ? faults.strikesAt('open', caller) : NONE;
      const file = struck(strikes, faults, () => inner.open(caller));
      return whenReleased(file, (commands) => new FaultyFile(commands, faults));
    },
  };
}

const NONE: readonly Strike[] = [];

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
    const strikes = faults.once(call, () => faults.strikesAtIoctl(command.number, call.caller));
    return struck(strikes, faults, () => inner.execute(command, call));
  }

  release(): void {
    this.inner.release();
  }
}

/** An errno, and time, are all that can come of it: there is no firmware, and nothing to unplug. */
function struck<T>(strikes: readonly Strike[], faults: DeviceFaults, execute: () => T | Held<T>): T | Held<T> {
  if (strikes.length === 0) return execute();
  return carryOut<T>(strikes, faults.clock, {
    execute,
    refuse: execute,
    change: (_strike, answer) => answer,
    unplug: () => {},
  });
}
