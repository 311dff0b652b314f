/**
 * The door to a DSC's firmware: what pds_core's admin queue carries for pds_fwctl (PDS_FWCTL_CMD_* of
 * include/linux/pds/pds_adminq.h). The driver sees nothing else of it.
 */
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';

/** struct pds_fwctl_query_data_operation. */
export interface PdsOperation {
  /** Command in bits 15 to 0, the highest version of it that there is in bits 23 to 16. */
  readonly id: number;
  /** PDSFC_FW_CMD_ATTR_*, 8 bits. */
  readonly attribute: number;
}

/** struct pds_fwctl_rpc_cmd, its buffers at hand. */
export interface PdsCommand {
  readonly op: number;
  readonly ep: number;
  readonly request: MessageBuffer;
  /** Zero beforehand; `length` is what the client asks for. */
  readonly response: MessageBuffer;
}

/** struct pds_fwctl_rpc_comp. */
export interface PdsCompletion {
  /** enum pds_core_status_code; 0: the command was carried out. */
  readonly status: number;
  /** The operation's own error, 32 bits; 0: none. Says nothing where the status is not 0. */
  readonly err: number;
}

export interface AdminQueue {
  /** max_req_sz and max_resp_sz of struct pds_fwctl_ident, bytes; at most 65536 each. Asked for at probe. */
  readonly maxRequest: number;
  readonly maxResponse: number;
  /** PDS_FWCTL_CMD_QUERY of the root: 32 bits each. Asked for at probe. */
  readonly endpoints: readonly number[];
  /** PDS_FWCTL_CMD_QUERY of an endpoint: in an order that counts, at most 511. Throws where it fails. */
  query(ep: number): readonly PdsOperation[];
  /** PDS_FWCTL_CMD_RPC. Throws where it is not delivered. */
  rpc(command: PdsCommand): PdsCompletion | Held<PdsCompletion>;
}
