/** What may be said of driver iommufd: its own keys. */
import {
  DEFAULT_IOMMUFD_ABI,
  IOMMUFD_PROFILES,
  type IommufdAbi,
  type IommufdAbiName,
  iommufdAbi,
} from '../../abi/iommufd-profiles.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import type { DeviceSpec } from './device-spec.ts';

export interface IommufdKeys {
  readonly abi: IommufdAbiName;
  /** CONFIG_TRANSPARENT_HUGEPAGE: chosen IOVAs are aligned to 2 MiB where the memory is. */
  readonly thp: boolean;
}

export const DEFAULT_IOMMUFD: IommufdKeys = { abi: DEFAULT_IOMMUFD_ABI, thp: false };

/** /dev/iommu's unless told. */
export const IOMMU_MODE = 0o660;

export function iommufdKeys({ keys }: DeviceSpec): IommufdKeys {
  return { ...DEFAULT_IOMMUFD, ...keys };
}

/** Which kernel's iommufd a device is. */
export function iommufdProfile(spec: DeviceSpec): IommufdAbi {
  const { abi } = iommufdKeys(spec);
  const profile = iommufdAbi(abi);
  if (profile === undefined) throw new Error(`there is no iommufd of ${abi}`);
  return profile;
}

/** Throws an Error that says what would do. */
export function readIommufdAbi(text: string): IommufdAbiName {
  const profile = iommufdAbi(text);
  if (profile !== undefined) return profile.name;
  const names = IOMMUFD_PROFILES.map(({ name }) => name);
  throw new Error(`there is no iommufd of "${text}" (abi: ${names.join(', ')})${didYouMean(text, names)}`);
}

/** A switch as people write it. Throws an Error that says what would do. */
export function readThp(text: string): boolean {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw new Error(`thp is true or false (1 or 0), not "${text}"`);
}
