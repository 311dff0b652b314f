/** A plugged device, as transports, views and operators see it. */
import type { ErrnoName } from '../../abi/errno.ts';
import type { PciCard } from '../../abi/pci/bus.ts';
import type { PciIdentity, PciShape } from '../../abi/pci/function.ts';
import type { FileOps } from '../../kernel/file-ops.ts';
import type { DeviceSpec } from '../config/device-spec.ts';
import type { LiveValues } from './live-values.ts';

interface ParentFacts {
  /** Its name on its bus: `0000:00:0a.0`, `mlx5_core.fwctl.0`, `mem0`. */
  readonly name: string;
  /** The driver that is bound to it, by its name on the bus; undefined: none is. */
  readonly driver: string | undefined;
  /** The class device and the parents that follow hang on it; otherwise it stands beside, as an auxiliary device. */
  readonly holds: boolean;
}

/** One of a device's own files in sysfs. */
export interface SysfsAttribute {
  /** Below the device's directory: `serial`, `ram/size`. */
  readonly path: string;
  readonly mode: number;
  /** Text, or what gives it at each read. */
  readonly content: string | (() => string);
  /** What every read fails with. */
  readonly fails?: ErrnoName;
}

/** A device above the class device in sysfs. The first of a chain is the PCI function. */
export type SysfsParent = ParentFacts &
  (
    | {
        readonly bus: 'pci';
        readonly identity: PciIdentity;
        // Made at each call, when somebody looks: a machine may have thousands.
        /** What else there is of the function; absent: its header, with no BAR or capability. */
        shape?(): PciShape | undefined;
        /** What its driver adds to it; absent: nothing. */
        attributes?(): readonly SysfsAttribute[];
        /** What else is on it; absent: nothing. */
        beside?(): Beside;
        /** Which of its surroundings are left, as one text; absent: all. */
        readonly shown?: string;
        /** Those that its drivers are; absent: none is known. */
        readonly modules?: readonly KernelModule[];
      }
    | { readonly bus: 'auxiliary'; readonly modalias: string }
    | {
        readonly bus: 'cxl';
        readonly modalias: string;
        /** DEVTYPE= of its uevent. */
        readonly type: string;
        /** The platform device that stands for its CXL, by which tools know the bus: `ACPI0017:00`. */
        readonly platform: string;
        readonly attributes: readonly SysfsAttribute[];
      }
  );

/** A device of a class that another driver of the function makes. It is in sysfs alone, and nothing can be opened. */
export interface ClassDevice {
  readonly class: 'net' | 'infiniband';
  /** Another one is taken where the machine has a device of that name. */
  readonly name: string;
  /** By the name that it has got. */
  uevent(name: string): readonly string[];
  /** Asked when somebody looks into it. */
  attributes(): readonly SysfsAttribute[];
}

/** A module of the emulated kernel, as one that has built its drivers as modules shows it. */
export interface KernelModule {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Modules that it needs, some of which may be the kernel's own. */
  readonly needs: readonly string[];
  /** Its drivers by bus and name: `pci:mlx5_core`. */
  readonly drivers: readonly string[];
}

/** What the function's other drivers have made of it, beside what leads to fwctl. */
export interface Beside {
  readonly classes: readonly ClassDevice[];
  /** Auxiliary devices. */
  readonly auxiliary: readonly Extract<SysfsParent, { bus: 'auxiliary' }>[];
}

export const NOTHING_BESIDE: Beside = { classes: [], auxiliary: [] };

/** Who can keep a device number from being given out again, beyond the device's last open file. */
export interface NumberKeeper {
  keepNumber(): void;
  letNumberGo(): void;
}

/** A file below /dev, and the device that it is of. */
export interface HostNode {
  /** Below /dev: `fwctl/fwctl0`, `iommu`, `vfio/vfio`. */
  readonly path: string;
  /** The class device's name, which the trace shows too. */
  readonly name: string;
  /** Its class in sysfs; `cxl`: it has none, and is the device of that name on the bus, one of the parents. */
  readonly class: 'fwctl' | 'misc' | 'cxl';
  readonly minor: number;
  /** Of the minor number; undefined: it is given out once. */
  readonly keeper?: NumberKeeper;
  /** Permission bits and owner. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The mode that the driver itself asks for, which the uevent tells (DEVMODE); undefined: it asks for none. */
  readonly classMode?: number;
  readonly fileOps: FileOps;
}

export interface HostDevice {
  /** `fwctl0`, `iommu`: its first node's name. */
  readonly name: string;
  /** At least one; each of them opens the same device. */
  readonly nodes: readonly HostNode[];
  readonly spec: DeviceSpec;
  /** Above it in sysfs; none: it is on no bus. */
  readonly parents: readonly SysfsParent[];
  /** The first node's. */
  readonly fileOps: FileOps;
  /** Its values by name; undefined: it has none. */
  readonly live?: LiveValues;
  /** What a guest is given; undefined: it is no guest's. */
  readonly card?: PciCard;
}

export type HostEvent = { readonly kind: 'plug' | 'unplug'; readonly device: HostDevice };
