/**
 * The firmware update's state machine behind MCC and MCDA (mlxsw core.c, mlxfw_fsm.c; mstflint fw_comps_mgr): lock a
 * handle, name a component and its size, download it block by block, verify, activate, release. Each step is done at
 * once. The image is counted and thrown away: the emulated device keeps its firmware.
 */
import type { Refusal } from './command-table.ts';
import { REFUSAL } from './syndromes.ts';

/** MCC control_state (enum mlxfw_fsm_state). */
export const UPDATE_STATE = { IDLE: 0, LOCKED: 1, DOWNLOAD: 3 } as const;

/** MCC instruction. */
export const UPDATE_INSTRUCTION = {
  LOCK_UPDATE_HANDLE: 1,
  RELEASE_UPDATE_HANDLE: 2,
  UPDATE_COMPONENT: 3,
  VERIFY_COMPONENT: 4,
  ACTIVATE: 6,
  CANCEL: 8,
} as const;

/** The components that MCQS lists: identifier, largest size. The only one is the boot image. */
export const UPDATE_COMPONENTS = [{ identifier: 1, maxBytes: 16 * 1024 * 1024 }] as const;

export class FirmwareUpdate {
  state: number = UPDATE_STATE.IDLE;
  /** 24 bits; 0: none. */
  handle = 0;
  /** Of the component under way. */
  componentIndex = 0;
  componentBytes = 0;
  receivedBytes = 0;
  private lastHandle = 0;

  /** One MCC instruction; on a refusal nothing has changed. */
  instruct(instruction: number, handle: number, componentIndex: number, componentBytes: number): Refusal | undefined {
    if (instruction === UPDATE_INSTRUCTION.LOCK_UPDATE_HANDLE) return this.lock();
    if (this.state === UPDATE_STATE.IDLE || handle !== this.handle) return REFUSAL.UPDATE_STATE;
    switch (instruction) {
      case UPDATE_INSTRUCTION.RELEASE_UPDATE_HANDLE:
        this.state = UPDATE_STATE.IDLE;
        this.handle = 0;
        return undefined;
      case UPDATE_INSTRUCTION.UPDATE_COMPONENT:
        return this.begin(componentIndex, componentBytes);
      case UPDATE_INSTRUCTION.VERIFY_COMPONENT:
        if (this.state !== UPDATE_STATE.DOWNLOAD || this.receivedBytes < this.componentBytes)
          return REFUSAL.UPDATE_STATE;
        this.state = UPDATE_STATE.LOCKED;
        return undefined;
      case UPDATE_INSTRUCTION.ACTIVATE:
        return this.state === UPDATE_STATE.LOCKED ? undefined : REFUSAL.UPDATE_STATE;
      case UPDATE_INSTRUCTION.CANCEL:
        this.state = UPDATE_STATE.LOCKED;
        return undefined;
      default:
        return REFUSAL.REGISTER_VALUE;
    }
  }

  /** One MCDA block. */
  receive(handle: number, offset: number, bytes: number): Refusal | undefined {
    if (this.state !== UPDATE_STATE.DOWNLOAD || handle !== this.handle) return REFUSAL.UPDATE_STATE;
    if (offset + bytes > this.componentBytes) return REFUSAL.REGISTER_VALUE;
    this.receivedBytes = Math.max(this.receivedBytes, offset + bytes);
    return undefined;
  }

  private lock(): Refusal | undefined {
    if (this.state !== UPDATE_STATE.IDLE) return REFUSAL.UPDATE_STATE;
    this.lastHandle = (this.lastHandle % 0xffffff) + 1;
    this.handle = this.lastHandle;
    this.state = UPDATE_STATE.LOCKED;
    return undefined;
  }

  private begin(componentIndex: number, componentBytes: number): Refusal | undefined {
    const component = UPDATE_COMPONENTS[componentIndex];
    if (this.state !== UPDATE_STATE.LOCKED) return REFUSAL.UPDATE_STATE;
    if (component === undefined || componentBytes === 0 || componentBytes > component.maxBytes)
      return REFUSAL.REGISTER_VALUE;
    Object.assign(this, { state: UPDATE_STATE.DOWNLOAD, componentIndex, componentBytes, receivedBytes: 0 });
    return undefined;
  }
}
