/** Names of our class devices beside the machine's own: those that the kernel numbers go on from its highest. */
import type { ClassDevice } from '../host/machine/host-device.ts';
import type { ClassNames } from './sysfs-tree.ts';

const NUMBERED = /^(.*\D)(\d+)$/;

export class FreeNames implements ClassNames {
  private readonly listing: (className: string) => readonly { readonly name: string }[];
  /** By class and prefix: the machine's numbers end before this one. */
  private readonly first = new Map<string, number>();

  /** `listing`: what the machine has of a class; asked once for each prefix. */
  constructor(listing: (className: string) => readonly { readonly name: string }[]) {
    this.listing = listing;
  }

  /** `mlx5_0` is `mlx5_2` where the machine has two; a name without a number stays. */
  of({ class: className, name }: ClassDevice): string {
    const [, prefix, number] = NUMBERED.exec(name) ?? [];
    return prefix === undefined ? name : `${prefix}${Number(number) + this.firstOf(className, prefix)}`;
  }

  private firstOf(className: string, prefix: string): number {
    const key = `${className} ${prefix}`;
    let first = this.first.get(key);
    if (first === undefined) {
      const numbers = this.listing(className).flatMap(({ name }) => {
        const [, other, number] = NUMBERED.exec(name) ?? [];
        return other === prefix ? [Number(number) + 1] : [];
      });
      first = Math.max(0, ...numbers);
      this.first.set(key, first);
    }
    return first;
  }
}
