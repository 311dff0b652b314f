/**
 * ABI profiles: which kernel is emulated. One row each; a difference between kernels is a column, never an `if`.
 * Source: drivers/fwctl/main.c of each; measured on v2, 6.15 and 7.3 (test/golden/fwctl).
 * 6.18 and 7.1 are not recorded: their core has 7.3's text.
 */
export type AbiName = 'v2' | 'linux-6.15' | 'linux-6.18' | 'linux-7.1' | 'linux-7.3';

export interface AbiProfile {
  readonly name: AbiName;
  /** What it is, for help texts. */
  readonly title: string;
  /** FWCTL_MAX_DEVICES of drivers/fwctl/main.c. */
  readonly maxDevices: number;
  /** The end of the taint warning of fwctl_cmd_rpc(), after "COMM(PID): ". */
  readonly taintText: string;
  /** Whether fwctl_cmd_info() looks if the driver has an info op at all before it calls it. */
  readonly optionalInfo: boolean;
  /** The highest scope that kernel lockdown lets pass (src/kernel/lockdown.ts); 3: it changes nothing. */
  readonly lockdownScope: 2 | 3;
}

const FULL_ACCESS = 'has requested full access to the physical device';

export const ABI_PROFILES: readonly AbiProfile[] = [
  {
    name: 'v2',
    title: 'the v2 patch series of June 2024',
    maxDevices: 256,
    taintText: `${FULL_ACCESS} device`,
    optionalInfo: false,
    lockdownScope: 3,
  },
  {
    name: 'linux-6.15',
    title: 'Linux 6.15, the first release with fwctl',
    maxDevices: 4096,
    taintText: FULL_ACCESS,
    optionalInfo: true,
    lockdownScope: 2,
  },
  {
    name: 'linux-6.18',
    title: 'Linux 6.18, the long-term kernel',
    maxDevices: 4096,
    taintText: FULL_ACCESS,
    optionalInfo: true,
    lockdownScope: 2,
  },
  {
    name: 'linux-7.1',
    title: 'Linux 7.1',
    maxDevices: 4096,
    taintText: FULL_ACCESS,
    optionalInfo: true,
    lockdownScope: 2,
  },
  {
    name: 'linux-7.3',
    title: 'Linux 7.3',
    maxDevices: 4096,
    taintText: FULL_ACCESS,
    optionalInfo: true,
    lockdownScope: 2,
  },
];

/** Other names of a profile. */
export const ABI_ALIASES: Readonly<Record<string, AbiName>> = { latest: 'linux-7.3' };

export const DEFAULT_ABI: AbiName = 'linux-7.3';

/** The profile of that name or alias; undefined when there is none. */
export function abiProfile(name: string): AbiProfile | undefined {
  const real = ABI_ALIASES[name] ?? name;
  return ABI_PROFILES.find((profile) => profile.name === real);
}
