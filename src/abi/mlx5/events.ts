/**
 * Event queue entries (mlx5_core device.h: struct mlx5_eqe, enum mlx5_event). The owner bit changes with each pass.
 * Data table.
 */
import { layout } from '../bits.ts';

export const EQE_BYTES = 64;
/** `data` has an event's own 28 bytes. */
export const EQE = { type: 1, subType: 3, data: 32, dataBytes: 28, owner: 63 } as const;

export const EVENT = {
  portChange: 0x09,
  command: 0x0a,
  pageRequest: 0x0b,
  portModule: 0x16,
} as const;

/** sub_type of portChange (MLX5_PORT_CHANGE_SUBTYPE_*). */
export const PORT_CHANGE = { down: 1, active: 4 } as const;
/** module_status of portModule (enum port_module_event_status_type of mlx5_core). */
export const MODULE_EVENT = { plugged: 1, unplugged: 2, error: 3, disabled: 4 } as const;

/** What stands in `data`. */
export const EVENT_DATA = {
  portChange: layout('eqe_port_state', 28, [['port_num', 64, 4]]),
  command: layout('eqe_cmd', 28, [['vector', 0, 32]]),
  pageRequest: layout('eqe_page_req', 28, [
    ['ec_function', 0, 1],
    ['func_id', 16, 16],
    ['num_pages', 32, 32],
  ]),
  portModule: layout('eqe_port_module', 28, [
    ['module', 8, 8],
    ['module_status', 28, 4],
    ['error_type', 52, 4],
  ]),
} as const satisfies Record<keyof typeof EVENT, unknown>;

/** eqc.st (mlx5_core eq.c; PRM): armed, fired; eqc.status: in order, overflowed. */
export const EQ_STATE = { armed: 9, fired: 10 } as const;
export const EQ_STATUS = { ok: 0, overflow: 9 } as const;

/** In a UAR's page (MLX5_EQ_DOORBEL_OFFSET): EQ number and consumer index, with and without arming. */
export const EQ_DOORBELL = { arm: 0x40, quiet: 0x48 } as const;
