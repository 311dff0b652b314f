/**
 * The firmware update's state machine behind MCC and MCDA (mlxsw core.c, mlxfw_fsm.c; mstflint fw_comps_mgr): lock a
 * handle, name a component and its size, download it block by block, verify, activate, release. Each step is done at
 * once. What was activated is in flash: it runs from the next reset or power-up on, and until then is pending.
 */
import { bootImageInfo } from '../../abi/mlx5/boot-image.ts';
import type { DeviceIdentity } from '../../abi/mlx5/device-profile.ts';
import { configurationItems } from '../../abi/mlx5/nv/configuration-file.ts';
import type { Refusal } from './command-table.ts';
import type { NvConfig } from './nv/nv-config.ts';
import { REFUSAL } from './syndromes.ts';

/** MCC control_state (enum mlxfw_fsm_state). */
export const UPDATE_STATE = { IDLE: 0, LOCKED: 1, DOWNLOAD: 3, VERIFY: 4 } as const;

/** MCC instruction. */
export const UPDATE_INSTRUCTION = {
  LOCK_UPDATE_HANDLE: 1,
  RELEASE_UPDATE_HANDLE: 2,
  UPDATE_COMPONENT: 3,
  VERIFY_COMPONENT: 4,
  ACTIVATE_COMPONENT: 5,
  ACTIVATE: 6,
  CANCEL: 8,
  FORCE_HANDLE_RELEASE: 10,
} as const;

/** MCC error_code (enum mlxfw_fsm_state_err). */
export const UPDATE_ERROR = {
  NONE: 0,
  NOT_APPLICABLE: 3,
  AUTH_FAILED: 5,
  BAD_FORMAT: 8,
  BLOCKED_PENDING_RESET: 9,
} as const;

interface UpdateComponent {
  readonly identifier: number;
  readonly maxBytes: number;
  /** What it is taken for. A token must be signed by the vendor, and nobody else's is: it is refused. */
  readonly kind: 'image' | 'configuration' | 'token';
}

const CONFIGURATION = { maxBytes: 64 * 1024, kind: 'configuration' } as const;
const TOKEN = { maxBytes: 64 * 1024, kind: 'token' } as const;

/** The components that MCQS lists (mstflint FwComponent::comps_ids_t). Unverified: which of them a card lists. */
export const UPDATE_COMPONENTS: readonly UpdateComponent[] = [
  // BOOT_IMG
  { identifier: 1, maxBytes: 16 * 1024 * 1024, kind: 'image' },
  // OEM_NVCONFIG, MLNX_NVCONFIG
  { identifier: 4, ...CONFIGURATION },
  { identifier: 5, ...CONFIGURATION },
  // CS_TOKEN, DBG_TOKEN
  { identifier: 6, ...TOKEN },
  { identifier: 7, ...TOKEN },
];

/** A firmware by its version, `major.minor.subminor`, and date, `yyyy-mm-dd`. */
export interface FirmwareVersion {
  readonly version: string;
  readonly date: string;
}

export class FirmwareUpdate {
  state: number = UPDATE_STATE.IDLE;
  /** UPDATE_ERROR of the last instruction. */
  error: number = UPDATE_ERROR.NONE;
  /** 24 bits, never 0: of the update under way; while idle, what the next one is to be locked with. */
  handle = 1;
  /** Of the component under way. */
  componentIndex = 0;
  receivedBytes = 0;
  /** What was burnt and runs since; undefined: the profile's own. */
  running: FirmwareVersion | undefined;
  /** In flash and not running; undefined: the one that runs is. */
  pending: FirmwareVersion | undefined;
  private content = new Uint8Array(0);
  private verified = false;
  private readonly identity: DeviceIdentity;
  private readonly nv: NvConfig;

  /** `identity`: as of power-up. */
  constructor(identity: DeviceIdentity, nv: NvConfig) {
    this.identity = identity;
    this.nv = nv;
  }

  get componentBytes(): number {
    return this.content.length;
  }

  /** One MCC instruction; on a refusal nothing has changed. What the content of a component fails by is `error`. */
  instruct(instruction: number, handle: number, componentIndex: number, componentBytes: number): Refusal | undefined {
    if (instruction === UPDATE_INSTRUCTION.LOCK_UPDATE_HANDLE) return this.lock(handle);
    if (instruction === UPDATE_INSTRUCTION.FORCE_HANDLE_RELEASE) return this.release();
    if (this.state === UPDATE_STATE.IDLE || handle !== this.handle) return REFUSAL.UPDATE_STATE;
    switch (instruction) {
      case UPDATE_INSTRUCTION.RELEASE_UPDATE_HANDLE:
        return this.release();
      case UPDATE_INSTRUCTION.UPDATE_COMPONENT:
        return this.begin(componentIndex, componentBytes);
      case UPDATE_INSTRUCTION.VERIFY_COMPONENT:
        return this.verify();
      case UPDATE_INSTRUCTION.ACTIVATE_COMPONENT:
      case UPDATE_INSTRUCTION.ACTIVATE:
        return this.activate();
      case UPDATE_INSTRUCTION.CANCEL:
        this.drop(UPDATE_STATE.LOCKED);
        return undefined;
      default:
        return REFUSAL.REGISTER_VALUE;
    }
  }

  /** One MCDA block. */
  receive(handle: number, offset: number, block: Uint8Array): Refusal | undefined {
    if (this.state !== UPDATE_STATE.DOWNLOAD || handle !== this.handle) return REFUSAL.UPDATE_STATE;
    if (offset + block.length > this.componentBytes) return REFUSAL.REGISTER_VALUE;
    this.content.set(block, offset);
    this.receivedBytes = Math.max(this.receivedBytes, offset + block.length);
    return undefined;
  }

  /** MIRC: the image that runs is the one to boot again. */
  reactivate(): void {
    this.pending = undefined;
  }

  /** By the handle that a read has told, as mlxfw and mstflint do; 0 is taken for it (unverified). */
  private lock(handle: number): Refusal | undefined {
    if (this.state !== UPDATE_STATE.IDLE || (handle !== 0 && handle !== this.handle)) return REFUSAL.UPDATE_STATE;
    this.drop(UPDATE_STATE.LOCKED);
    return undefined;
  }

  private release(): undefined {
    if (this.state !== UPDATE_STATE.IDLE) this.handle = (this.handle % 0xffffff) + 1;
    this.drop(UPDATE_STATE.IDLE);
  }

  private drop(state: number): void {
    this.state = state;
    this.error = UPDATE_ERROR.NONE;
    this.content = new Uint8Array(0);
    this.receivedBytes = 0;
    this.verified = false;
  }

  private begin(componentIndex: number, componentBytes: number): Refusal | undefined {
    const component = UPDATE_COMPONENTS[componentIndex];
    if (this.state !== UPDATE_STATE.LOCKED) return REFUSAL.UPDATE_STATE;
    if (component === undefined || componentBytes === 0 || componentBytes > component.maxBytes)
      return REFUSAL.REGISTER_VALUE;
    this.drop(UPDATE_STATE.LOCKED);
    if (component.kind === 'image' && this.pending !== undefined) {
      this.error = UPDATE_ERROR.BLOCKED_PENDING_RESET;
      return undefined;
    }
    this.state = UPDATE_STATE.DOWNLOAD;
    this.componentIndex = componentIndex;
    this.content = new Uint8Array(componentBytes);
    return undefined;
  }

  private verify(): Refusal | undefined {
    if (this.state !== UPDATE_STATE.DOWNLOAD || this.receivedBytes < this.componentBytes) return REFUSAL.UPDATE_STATE;
    this.error = this.verdict();
    this.verified = this.error === UPDATE_ERROR.NONE;
    this.state = this.verified ? UPDATE_STATE.LOCKED : UPDATE_STATE.VERIFY;
    return undefined;
  }

  private verdict(): number {
    switch (UPDATE_COMPONENTS[this.componentIndex]?.kind) {
      case 'image': {
        const psid = bootImageInfo(this.content)?.psid ?? '';
        return psid === '' || psid === this.identity.psid ? UPDATE_ERROR.NONE : UPDATE_ERROR.NOT_APPLICABLE;
      }
      case 'configuration': {
        const items = configurationItems(this.content);
        if (items === undefined) return UPDATE_ERROR.BAD_FORMAT;
        const applicable = items.every(([type, data]) => this.nv.tlv(type)?.bytes === data.length);
        return applicable ? UPDATE_ERROR.NONE : UPDATE_ERROR.NOT_APPLICABLE;
      }
      default:
        return UPDATE_ERROR.AUTH_FAILED;
    }
  }

  private activate(): Refusal | undefined {
    if (this.state !== UPDATE_STATE.LOCKED) return REFUSAL.UPDATE_STATE;
    if (!this.verified) return undefined;
    if (UPDATE_COMPONENTS[this.componentIndex]?.kind === 'image') this.pending = this.burnt();
    else for (const [type, data] of configurationItems(this.content) ?? []) this.nv.write(type, data);
    this.drop(UPDATE_STATE.LOCKED);
    return undefined;
  }

  /** Bytes that are no image of the vendor's, for want of one, are taken for the next sub-minor version (invented). */
  private burnt(): FirmwareVersion {
    const image = bootImageInfo(this.content);
    if (image !== undefined) return { version: image.version, date: image.date };
    const { fw_version, fw_date } = this.identity;
    const [major = 0, minor = 0, subMinor = 0] = fw_version.split('.').map(Number);
    return { version: `${major}.${minor}.${(subMinor + 1) & 0xffff}`, date: fw_date };
  }
}
