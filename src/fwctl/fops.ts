/** fwctl's file operations: open, ioctl, release. Follows fwctl_fops_* of drivers/fwctl/main.c. */
import { Held } from '../abi/held.ts';
import type { Call } from '../kernel/call.ts';
import type { Caller } from '../kernel/caller.ts';
import type { FileOps, OpenFile } from '../kernel/file-ops.ts';
import { dispatchIoctl } from '../kernel/ioctl-table.ts';
import { type FwctlDevice, FwctlUctx } from './device.ts';
import { FWCTL_IOCTLS } from './ioctls.ts';

export class FwctlFops implements FileOps {
  private readonly device: FwctlDevice;

  constructor(device: FwctlDevice) {
    this.device = device;
  }

  /** A new context. Throws ENODEV or ENXIO for an unplugged device, and the driver's errno. The flags do not matter. */
  open(caller: Caller, _flags: number): OpenFile | Held<OpenFile> {
    const { device } = this;
    if (!device.registered) return device.refuse('open');
    const { ops } = device;
    device.getFile();
    device.enter();
    let context: unknown;
    try {
      context = ops.openUctx(caller);
    } catch (error) {
      device.putFile();
      device.leave();
      throw error;
    }
    if (context instanceof Held) return this.openLate(context);
    return this.publish(context);
  }

  /** CREATE_UCTX that answers late: the file exists as soon as the answer is there, whether or not it is collected. */
  private openLate(context: Held<unknown>): Held<OpenFile> {
    const { device } = this;
    const file = new Held<OpenFile>();
    context.onRelease(() => {
      let opened: OpenFile;
      try {
        opened = this.publish(context.get());
      } catch (error) {
        device.putFile();
        device.leave();
        file.release(() => {
          throw error;
        });
        return;
      }
      file.release(() => opened);
    });
    return file;
  }

  private publish(context: unknown): OpenFile {
    const uctx = new FwctlUctx(this.device, context);
    this.device.addUctx(uctx);
    this.device.leave();
    return new FwctlFile(uctx);
  }
}

/** One open file; dup and fork share it. */
class FwctlFile implements OpenFile {
  private readonly uctx: FwctlUctx;
  private released = false;

  constructor(uctx: FwctlUctx) {
    this.uctx = uctx;
  }

  ioctl(call: Call): number | Held<number> {
    return dispatchIoctl(FWCTL_IOCTLS, this.uctx, call);
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.uctx.close();
    this.uctx.device.putFile();
  }
}
