/** iommufd's file operations: open, ioctl, release. Follows iommufd_fops_* of drivers/iommu/iommufd/main.c. */
import { type Held, whenReleased } from '../abi/held.ts';
import type { IommufdAbi } from '../abi/iommufd-profiles.ts';
import type { Call } from '../kernel/call.ts';
import type { CommandFile, CommandOps, IoctlCommand } from '../kernel/commands.ts';
import type { FileOps, OpenFile } from '../kernel/file-ops.ts';
import { dispatchIoctl, type IoctlTable } from '../kernel/ioctl-table.ts';
import { IommufdContext } from './context.ts';
import { type IommufdRow, iommufdTable } from './ioctls.ts';
import { PAGE_SIZE } from './u64.ts';

export interface IommufdOptions {
  readonly abi: IommufdAbi;
  /** CONFIG_TRANSPARENT_HUGEPAGE: chosen IOVAs are 2 MiB aligned where the memory is. Distribution kernels have it. */
  readonly thp?: boolean;
  /** The node is /dev/vfio/vfio, whose files count locked memory by process from the start. */
  readonly vfioNode?: boolean;
  /** Further ioctls, for tests: the seeds' kernels had test objects of their own. */
  readonly further?: readonly IommufdRow[];
  /** Puts something before the commands, or in their place. */
  readonly around?: (commands: CommandOps) => CommandOps;
}

/** PMD_SIZE of x86-64 and arm64 with 4 KiB pages. */
const HUGE_PAGE = 0x200000n;

/** The operations of /dev/iommu or /dev/vfio/vfio, for any number of nodes; each open is a context of its own. */
export function iommufdFileOps(options: IommufdOptions): FileOps {
  const table = iommufdTable(options.abi, options.further);
  const context = {
    abi: options.abi,
    largestAlignment: options.thp === true ? HUGE_PAGE : PAGE_SIZE,
    rlimitMode: options.vfioNode === true ? 1 : 0,
  } as const;
  const own: CommandOps = { open: () => new ContextCommands(new IommufdContext(context)) };
  const commands = options.around?.(own) ?? own;
  return { open: (caller) => whenReleased(commands.open(caller), (file) => new IommufdFile(table, file)) };
}

/** One open file; dup and fork share it. Flags and access mode do not matter. */
class IommufdFile implements OpenFile {
  private readonly table: IoctlTable<CommandFile>;
  private readonly commands: CommandFile;
  private released = false;

  constructor(table: IoctlTable<CommandFile>, commands: CommandFile) {
    this.table = table;
    this.commands = commands;
  }

  ioctl(call: Call): number | Held<number> {
    return dispatchIoctl(this.table, this.commands, call);
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.commands.release();
  }
}

class ContextCommands implements CommandFile {
  private readonly context: IommufdContext;

  constructor(context: IommufdContext) {
    this.context = context;
  }

  execute(command: IoctlCommand, call: Call): number | Held<number> {
    return command.execute(this.context, call);
  }

  release(): void {
    this.context.putFile();
  }
}
