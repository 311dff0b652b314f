/** The object behind an ioas_id: struct iommufd_ioas of drivers/iommu/iommufd/ioas.c. */
import { KernelObject, type ObjectTable, type ObjectType } from '../kernel/object-table.ts';
import { IoPagetable } from './io-pagetable.ts';

export const IOAS: ObjectType = { name: 'ioas', order: 1 };

export class Ioas extends KernelObject {
  readonly pagetable: IoPagetable;
  private readonly onDestroyed: (ioas: Ioas) => void;

  /** `largestAlignment`: bytes that chosen IOVAs are aligned to at the most. */
  constructor(largestAlignment: bigint, onDestroyed: (ioas: Ioas) => void) {
    super(IOAS);
    this.onDestroyed = onDestroyed;
    this.pagetable = new IoPagetable(largestAlignment);
  }

  override destroyed(): void {
    this.onDestroyed(this);
  }
}

/** The address space of that id; throws ENOENT, also for an object of another type. */
export function ioasOf({ objects }: { readonly objects: ObjectTable }, id: number): Ioas {
  return objects.find(id, IOAS) as Ioas;
}
