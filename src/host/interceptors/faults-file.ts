/** An open file that says who calls, and keeps an FWCTL_INFO waiting for the faults that hold it. */
import type { Held } from '../../abi/held.ts';
import type { Call } from '../../kernel/call.ts';
import type { OpenFile } from '../../kernel/file-ops.ts';
import { afterAll } from '../faults/strike.ts';
import type { FaultGate } from './faults.ts';

export class FaultFile implements OpenFile {
  private readonly inner: OpenFile;
  private readonly gate: FaultGate;

  constructor(inner: OpenFile, gate: FaultGate) {
    this.inner = inner;
    this.gate = gate;
  }

  ioctl(call: Call): number | Held<number> {
    const { inner, gate } = this;
    if (!gate.plan.active) return inner.ioctl(call);
    gate.caller = call.caller;
    let answer: number | Held<number>;
    try {
      answer = inner.ioctl(call);
    } finally {
      gate.caller = undefined;
    }
    const holds = gate.infoHolds.splice(0);
    if (holds.length === 0 || typeof answer !== 'number') return answer;
    const value = answer;
    return afterAll(holds, () => {
      for (const hold of holds) hold.get();
      return value;
    });
  }

  release(): void {
    this.inner.release();
  }
}
