/** What a view shows around a device beside the device itself, and `surroundings`, which leaves some of it out. */
import { didYouMean } from '../../abi/nearest-name.ts';

/**
 * `pci`: what the PCI function has beyond its header. `rdma`, `net`: its RDMA device and netdev, with their auxiliary
 * devices. `modules`: its drivers' modules.
 */
export const SURROUNDINGS = ['pci', 'rdma', 'net', 'modules'] as const;
export type Surrounding = (typeof SURROUNDINGS)[number];

/** From `all`, `none` or names joined by `+`. Throws an Error. */
export function readSurroundings(text: string): readonly Surrounding[] {
  if (text === 'all') return SURROUNDINGS;
  if (text === 'none') return [];
  const names = text.split('+');
  const wrong = names.find((name) => !isSurrounding(name));
  if (wrong !== undefined) {
    const hint = didYouMean(wrong, [...SURROUNDINGS, 'all', 'none']);
    throw new Error(
      `surroundings is all, none, or of ${SURROUNDINGS.join(', ')} some with + between; "${wrong}" is none${hint}`,
    );
  }
  return SURROUNDINGS.filter((name) => names.includes(name));
}

function isSurrounding(name: string): name is Surrounding {
  return SURROUNDINGS.some((each) => each === name);
}
