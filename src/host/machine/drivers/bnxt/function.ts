/**
 * A NetXtreme's function as sysfs shows it: bnxt_en's netdev, bnxt_re's RDMA device. Ids, MAC, link, limits are the
 * profile's; BARs, places in them, the VF's id and the link to the host are those of public text of a BCM57508, and
 * none is verified.
 */
import type { BnxtValues } from '../../../../abi/bnxt/profile-shape.ts';
import type { PciIdentity, PciShape } from '../../../../abi/pci/function.ts';
import type { FunctionSpec } from '../../../config/device-spec.ts';
import { auxiliaryDevice } from '../../auxiliary-parent.ts';
import type { Probed } from '../../driver-row.ts';
import { type Beside, type KernelModule, NOTHING_BESIDE } from '../../host-device.ts';
import { BNXT_MODULES } from '../../kernel-modules.ts';
import { netdev, udevName } from '../../netdev.ts';
import { eui64, rdmaDevice } from '../../rdma-device.ts';

const KIB = 1024;
const VF_DEVICE = 0x1806;
const PORT = 'p0';
/** Interface numbers that no machine comes to, and no mlx5 card here. */
const FIRST_IFINDEX = 0x2000_0000;
/** PORT_PHY_QCFG: link up; speeds are in units of 100 Mb/s. */
const LINK_UP = 2;
/** What its driver uses of the vectors, and its netdev has of queues: invented. */
const QUEUES = 8;
const GIDS = 128;
const LANES = 4;
const MTU = 1500;

/** What the row knows of a device. */
export interface BnxtFacts {
  ids(spec: FunctionSpec): PciIdentity;
  /** At this moment; undefined: its profile has none, and only the ids are known. */
  values(spec: FunctionSpec, probed: Probed | undefined): BnxtValues | undefined;
}

export class BnxtFunction {
  readonly name: string;
  private readonly spec: FunctionSpec;
  private readonly number: number;
  private readonly probed: Probed | undefined;
  private readonly facts: BnxtFacts;

  constructor(spec: FunctionSpec, number: number, probed: Probed | undefined, facts: BnxtFacts) {
    this.name = spec.pci;
    this.spec = spec;
    this.number = number;
    this.probed = probed;
    this.facts = facts;
  }

  private values(): BnxtValues | undefined {
    return this.facts.values(this.spec, this.probed);
  }

  get bus(): 'pci' {
    return 'pci';
  }

  get driver(): string {
    return 'bnxt_en';
  }

  get holds(): boolean {
    return true;
  }

  get identity(): PciIdentity {
    return this.facts.ids(this.spec);
  }

  get modules(): readonly KernelModule[] {
    return BNXT_MODULES;
  }

  shape(): PciShape | undefined {
    const values = this.values();
    if (values === undefined) return undefined;
    const { limits, serial } = values;
    const bar = (index: number, bytes: number) => ({ index, bytes, wide: true, prefetchable: true });
    return {
      identity: this.identity,
      bars: [bar(0, 64 * KIB), bar(2, KIB * KIB), bar(4, 32 * KIB)],
      rom: 512 * KIB,
      link: { speed: 4, width: 16 },
      msix: { vectors: limits.msix, used: Math.min(limits.msix, QUEUES), bar: 4, table: 0, pending: 0x4000 },
      vpd: {
        name: 'Broadcom NetXtreme-E',
        keywords: [
          ['SN', serial],
          ['V0', values.package],
        ],
      },
      ...(limits.vfs > 0 && {
        vfs: { total: limits.vfs, deviceId: VF_DEVICE, offset: 16, stride: 1, barBytes: 16 * KIB },
      }),
    };
  }

  beside(): Beside {
    const first = this.values();
    if (first === undefined) return NOTHING_BESIDE;
    const { number, name: pci } = this;
    const name = udevName(pci, PORT);
    const { mac } = first;
    const link = () => {
      const { link: now } = this.values() ?? first;
      const mbps = now.speed * 100;
      return { up: now.state === LINK_UP, disabled: false, mbps, gbps: mbps / 1000, lanes: LANES, mtu: MTU };
    };
    return {
      classes: [
        netdev({ name, ifindex: FIRST_IFINDEX + number, mac, port: PORT, queues: QUEUES, link }),
        rdmaDevice({
          name: `bnxt_re${number}`,
          boardId: '',
          hcaType: `0x${first.pci.device.toString(16)}`,
          hardwareRevision: `0x${first.pci.revision.toString(16)}`,
          nodeDescription: 'Broadcom NetXtreme-C/E RoCE Driver HCA',
          // bnxt_qplib_get_guid()
          guid: BigInt(`0x${eui64(mac)}`),
          mac,
          netdev: name,
          gids: GIDS,
          firmwareVersion: () => (this.values() ?? first).roce_fw,
          link,
        }),
      ],
      auxiliary: [auxiliaryDevice('bnxt_en', 'rdma', 'bnxt_re.bnxt_re', number)],
    };
  }
}
