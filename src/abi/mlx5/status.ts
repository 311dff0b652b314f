/**
 * Command delivery statuses: mlx5_core's cmd.c, enum MLX5_CMD_STAT_*, cmd_status_str(), cmd_status_to_err(). A status
 * travels inside the reply; the errno is what mlx5_core makes of it for *its own* commands.
 */
import type { ErrnoName } from '../errno.ts';

export interface StatusDefinition {
  readonly status: number;
  readonly name: string;
  /** cmd_status_str(). */
  readonly text: string;
  /** cmd_status_to_err(); undefined for OK. */
  readonly errno: ErrnoName | undefined;
}

export const STATUS = {
  OK: 0x00,
  INT_ERR: 0x01,
  BAD_OP: 0x02,
  BAD_PARAM: 0x03,
  BAD_SYS_STATE: 0x04,
  BAD_RES: 0x05,
  RES_BUSY: 0x06,
  NOT_READY: 0x07,
  LIM_ERR: 0x08,
  BAD_RES_STATE: 0x09,
  IX_ERR: 0x0a,
  NO_RES: 0x0f,
  BAD_QP_STATE: 0x10,
  BAD_PKT: 0x30,
  BAD_SIZE_OUTS_CQES: 0x40,
  BAD_INP_LEN: 0x50,
  BAD_OUTP_LEN: 0x51,
} as const;

export type StatusName = keyof typeof STATUS;

const rows: readonly (readonly [StatusName, ErrnoName | undefined, string])[] = [
  ['OK', undefined, 'OK'],
  ['INT_ERR', 'EIO', 'internal error'],
  ['BAD_OP', 'EINVAL', 'bad operation'],
  ['BAD_PARAM', 'EINVAL', 'bad parameter'],
  ['BAD_SYS_STATE', 'EIO', 'bad system state'],
  ['BAD_RES', 'EINVAL', 'bad resource'],
  ['RES_BUSY', 'EBUSY', 'resource busy'],
  ['NOT_READY', 'EAGAIN', 'FW not ready'],
  ['LIM_ERR', 'ENOMEM', 'limits exceeded'],
  ['BAD_RES_STATE', 'EINVAL', 'bad resource state'],
  ['IX_ERR', 'EINVAL', 'bad index'],
  ['NO_RES', 'EAGAIN', 'no resources'],
  ['BAD_QP_STATE', 'EINVAL', 'bad QP state'],
  ['BAD_PKT', 'EINVAL', 'bad packet (discarded)'],
  ['BAD_SIZE_OUTS_CQES', 'EINVAL', 'bad size too many outstanding CQEs'],
  ['BAD_INP_LEN', 'EIO', 'bad input length'],
  ['BAD_OUTP_LEN', 'EIO', 'bad output length'],
];

export const STATUSES: readonly StatusDefinition[] = rows.map(([name, errno, text]) => ({
  status: STATUS[name],
  name,
  text,
  errno,
}));

const byStatus = new Map(STATUSES.map((row) => [row.status, row]));

/** The name, or `status 0x..`. */
export function statusName(status: number): string {
  return byStatus.get(status)?.name ?? `status 0x${status.toString(16)}`;
}
