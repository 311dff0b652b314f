/** The names of ABI profiles as people write them, and the refusal of one that does not exist. */
import { didYouMean } from '../../abi/nearest-name.ts';
import { ABI_ALIASES, ABI_PROFILES } from '../../abi/profiles.ts';

/** Every name that is taken, aliases last. */
export const ABI_NAMES: readonly string[] = [
  ...ABI_PROFILES.map((profile) => profile.name),
  ...Object.keys(ABI_ALIASES),
];

export function unknownAbi(name: string): string {
  return `there is no ABI profile "${name}" (profiles: ${ABI_NAMES.join(', ')})${didYouMean(name, ABI_NAMES)}`;
}
