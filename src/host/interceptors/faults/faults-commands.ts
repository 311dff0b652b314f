/** Faults at the border between iommufd's dispatch and its commands: at opens, and at each ioctl that has passed the checks. */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { CommandFile, CommandOps, IommufdCommand } from '../../../iommufd/commands.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Strike } from './plan.ts';
import { carryOut } from './strike.ts';
import type { FaultGate } from './fault-gate.ts';

export function faultyCommands(inner: CommandOps, gate: FaultGate): CommandOps {
  return {
    open(caller) {
      const strikes = gate.plan.active ? gate.strikesAt('open', caller) : NONE;
      const file = struck(strikes, gate, () => inner.open(caller));
      return whenReleased(file, (commands) => new FaultyFile(commands, gate));
    },
  };
}

const NONE: readonly Strike[] = [];

class FaultyFile implements CommandFile {
  private readonly inner: CommandFile;
  private readonly gate: FaultGate;
  /** What struck at an ioctl that its transport has broken off. */
  private readonly broken = new WeakMap<Call, readonly Strike[]>();

  constructor(inner: CommandFile, gate: FaultGate) {
    this.inner = inner;
    this.gate = gate;
  }

  execute(command: IommufdCommand, call: Call): number | Held<number> {
    const { gate, inner } = this;
    if (!gate.plan.active) return inner.execute(command, call);
    const strikes =
      (call.rerun ? this.broken.get(call) : undefined) ?? gate.strikesAtIoctl(command.number, call.caller);
    this.broken.set(call, strikes);
    return struck(strikes, gate, () => inner.execute(command, call));
  }

  release(): void {
    this.inner.release();
  }
}

/** An errno, and time, are all that can come of it: there is no firmware, and nothing to unplug. */
function struck<T>(strikes: readonly Strike[], gate: FaultGate, execute: () => T | Held<T>): T | Held<T> {
  if (strikes.length === 0) return execute();
  return carryOut<T>(strikes, gate.clock, {
    execute,
    refuse: execute,
    change: (_strike, answer) => answer,
    unplug: () => {},
  });
}
