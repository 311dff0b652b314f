/**
 * Objects that a context hands out by number: who uses whom, when one may go. Follows iommufd_object_alloc, _finalize,
 * _abort, _destroy_user, iommufd_get_object and iommufd_fops_release() of drivers/iommu/iommufd/main.c. Users of an
 * object (others made from it, what a command leaves behind) refuse a destroy; holders (calls that run on it: the
 * kernel's destroy_rwsem held for reading) make it wait. Calls that end at once are neither: the core is synchronous.
 */
import { Held } from '../abi/held.ts';
import { Errno } from './errno.ts';
import { FreeIds } from './free-ids.ts';

export interface ObjectType {
  readonly name: string;
  /** Place in the release order by type; lower goes first. */
  readonly order: number;
}

export interface ObjectTableOptions {
  readonly maxId: number;
  readonly release: 'passes' | 'by-type';
  /** A destroy of a held object waits for its holders; false: EBUSY at once. */
  readonly destroyWaits: boolean;
}

const NO_SUCH_OBJECT = new Errno(
  'ENOENT',
  'no object of the wanted type has this id in this context',
  'use an id that an ioctl on this open file has returned',
);
const IN_USE = new Errno(
  'EBUSY',
  'another object was made from this one, or something still uses it',
  'destroy what was made from it first',
);
const OUT_OF_IDS = new Errno('ENOMEM', 'every object id of this context is taken', 'destroy objects');

/** Base of everything in a table. */
export abstract class KernelObject {
  readonly type: ObjectType;
  /** From `reserve` on; never 0. */
  id = 0;
  /** Objects this one was made from; it is one user of each. */
  readonly parents: KernelObject[] = [];
  /** Users beside the table itself. */
  users = 0;
  /** Calls that run on it. */
  holders = 0;
  published = false;
  /** The destroy that waits for the holders to become none. */
  destroying: Held<number> | undefined;

  constructor(type: ObjectType) {
    this.type = type;
  }

  /** The destroy op; called once, when the id is free already. Never throws. */
  destroyed(): void {}
}

export class ObjectTable {
  private readonly options: ObjectTableOptions;
  private readonly objects = new Map<number, KernelObject>();
  private readonly ids: FreeIds;

  constructor(options: ObjectTableOptions) {
    this.options = options;
    this.ids = new FreeIds(options.maxId);
  }

  /** Objects in the table, reserved ones too. */
  get size(): number {
    return this.objects.size;
  }

  /** Gives the lowest free id; nobody finds the object before `publish`. It is a user of `parents`. Throws ENOMEM. */
  reserve(object: KernelObject, parents: readonly KernelObject[] = []): void {
    const id = this.ids.take();
    if (id === undefined) throw OUT_OF_IDS;
    object.id = id;
    this.objects.set(id, object);
    for (const parent of parents) {
      parent.users++;
      object.parents.push(parent);
    }
  }

  publish(object: KernelObject): void {
    object.published = true;
  }

  /** Undoes `reserve` without the destroy op: the id is free, the parents have a user less. */
  abort(object: KernelObject): void {
    this.remove(object);
    leaveParents(object);
  }

  /** The published object of that id, and of that type if given; throws ENOENT, also while a destroy of it waits. */
  find(id: number, type?: ObjectType): KernelObject {
    const object = this.objects.get(id);
    if (object === undefined || !object.published || object.destroying !== undefined) throw NO_SUCH_OBJECT;
    if (type !== undefined && object.type !== type) throw NO_SUCH_OBJECT;
    return object;
  }

  /** The same, for a call that ends later, with `letGo`. */
  hold(id: number, type?: ObjectType): KernelObject {
    const object = this.find(id, type);
    object.holders++;
    return object;
  }

  /** Ends a hold; the last one lets a waiting destroy go on. */
  letGo(object: KernelObject): void {
    object.holders--;
    const waiting = object.destroying;
    if (object.holders > 0 || waiting === undefined) return;
    object.destroying = undefined;
    // a context that went meanwhile has destroyed it already
    const busy = this.objects.get(object.id) === object && !this.destroyUnheld(object);
    waiting.release(() => {
      if (busy) throw IN_USE;
      return 0;
    });
  }

  /** IOMMU_DESTROY: 0, or later when calls run on the object. Throws ENOENT, EBUSY; a held answer throws EBUSY. */
  destroy(id: number): number | Held<number> {
    const object = this.find(id);
    if (object.holders > 0) {
      if (!this.options.destroyWaits) throw IN_USE;
      object.destroying = new Held();
      return object.destroying;
    }
    if (!this.destroyUnheld(object)) throw IN_USE;
    return 0;
  }

  /** The context goes: destroys all that can be. What has a user that never leaves stays, as in the kernel. */
  release(): void {
    if (this.options.release === 'passes') this.releaseByPasses();
    else this.releaseByType();
  }

  /** Ids upwards, again and again, each time whatever has no users, until a pass finds nothing. */
  private releaseByPasses(): void {
    for (let found = true; found && this.objects.size > 0; ) {
      found = false;
      for (const object of this.byId()) found = this.destroyUnheld(object) || found;
    }
  }

  /** One pass, type by type; an object with users is dropped without its destroy op (the RFC warns and leaks it). */
  private releaseByType(): void {
    const objects = this.byId().sort((a, b) => a.type.order - b.type.order || a.id - b.id);
    for (const object of objects) if (!this.destroyUnheld(object)) this.remove(object);
  }

  private byId(): KernelObject[] {
    return [...this.objects.values()].filter((object) => object.published).sort((a, b) => a.id - b.id);
  }

  private destroyUnheld(object: KernelObject): boolean {
    if (object.users > 0) return false;
    this.remove(object);
    object.destroyed();
    leaveParents(object);
    return true;
  }

  private remove(object: KernelObject): void {
    if (this.objects.get(object.id) !== object) return;
    this.objects.delete(object.id);
    object.published = false;
    this.ids.give(object.id);
  }
}

function leaveParents(object: KernelObject): void {
  for (const parent of object.parents.splice(0)) parent.users--;
}
