/** Open files that say who calls, and keep an FWCTL_INFO waiting for the faults that hold it. */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { FileOps, OpenFile } from '../../../kernel/file-ops.ts';
import type { FaultGate } from './fault-gate.ts';

export class FaultFiles implements FileOps {
  private readonly inner: FileOps;
  private readonly gate: FaultGate;

  constructor(inner: FileOps, gate: FaultGate) {
    this.inner = inner;
    this.gate = gate;
  }

  open(caller: Caller, flags: number): OpenFile | Held<OpenFile> {
    return whenReleased(this.inner.open(caller, flags), (file) => new FaultFile(file, this.gate));
  }
}

class FaultFile implements OpenFile {
  private readonly inner: OpenFile;
  private readonly gate: FaultGate;

  constructor(inner: OpenFile, gate: FaultGate) {
    this.inner = inner;
    this.gate = gate;
  }

  ioctl(call: Call): number | Held<number> {
    const { inner, gate } = this;
    if (!gate.plan.active) return inner.ioctl(call);
    gate.begin(call.caller);
    let answer: number | Held<number>;
    try {
      answer = inner.ioctl(call);
    } finally {
      gate.caller = undefined;
    }
    const { infoHold } = gate;
    if (infoHold === undefined || typeof answer !== 'number') return answer;
    const value = answer;
    return infoHold.map(() => value);
  }

  release(): void {
    this.inner.release();
  }
}
