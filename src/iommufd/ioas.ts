/** The object behind an ioas_id: struct iommufd_ioas of drivers/iommu/iommufd/ioas.c. */
import { KernelObject, type ObjectType } from '../kernel/object-table.ts';
import type { IommufdContext } from './context.ts';
import { IoPagetable } from './io-pagetable.ts';

export const IOAS: ObjectType = { name: 'ioas', order: 1 };

export class Ioas extends KernelObject {
  readonly pagetable: IoPagetable;
  private readonly context: IommufdContext;

  constructor(context: IommufdContext) {
    super(IOAS);
    this.context = context;
    this.pagetable = new IoPagetable(context.largestAlignment);
  }

  override destroyed(): void {
    if (this.context.vfioIoas === this) this.context.vfioIoas = undefined;
  }
}

/** The address space of that id; throws ENOENT, also for an object of another type. */
export function ioasOf(context: IommufdContext, id: number): Ioas {
  return context.objects.find(id, IOAS) as Ioas;
}
