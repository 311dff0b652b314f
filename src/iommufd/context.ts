/** One open file of /dev/iommu (iommufd_ctx of drivers/iommu/iommufd): dup, fork, fault queue descriptors share it. */
import type { IommufdAbi } from '../abi/iommufd-profiles.ts';
import { ObjectTable } from '../kernel/object-table.ts';
import type { Ioas } from './ioas.ts';

export interface ContextOptions {
  readonly abi: IommufdAbi;
  /** Bytes that chosen IOVAs are aligned to at the most. */
  readonly largestAlignment: bigint;
  /** IOMMU_OPTION_RLIMIT_MODE to begin with. */
  readonly rlimitMode: 0 | 1;
}

export class IommufdContext {
  readonly objects: ObjectTable;
  readonly largestAlignment: bigint;
  /** IOMMU_OPTION_RLIMIT_MODE: locked memory counts by user (0) or process (1). Kept and told; nothing is pinned. */
  rlimitMode: 0 | 1;
  /** The address space of the VFIO type1 calls; forgotten when it is destroyed. */
  vfioIoas: Ioas | undefined;
  /** The open file, and descriptors of fault queues. */
  private files = 1;

  constructor(options: ContextOptions) {
    const { maxId, release, destroyWaits } = options.abi;
    this.objects = new ObjectTable({ maxId, release, destroyWaits });
    this.largestAlignment = options.largestAlignment;
    this.rlimitMode = options.rlimitMode;
  }

  /** An address space is destroyed. */
  forget(ioas: Ioas): void {
    if (this.vfioIoas === ioas) this.vfioIoas = undefined;
  }

  getFile(): void {
    this.files++;
  }

  /** The last one destroys every object. */
  putFile(): void {
    this.files--;
    if (this.files === 0) this.objects.release();
  }
}
