/**
 * The shape of a pds device's description: what devices/ writes down and the firmware is made from. Data only; in abi/
 * because neither may import the other.
 */

/** Where an operation's response comes from; cut at the length asked for, and zero behind its own. */
export type PdsReply =
  | { readonly kind: 'none' }
  /** The request. */
  | { readonly kind: 'echo' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** What the operation `of` of the same endpoint, bits 15 to 0 of its id, was last sent; nothing before that. */
  | { readonly kind: 'last'; readonly of: number };

/** struct pds_fwctl_query_data_operation, and what the operation answers. */
export interface PdsOperationProfile {
  /** Command in bits 15 to 0, the highest version of it that there is in bits 23 to 16. */
  readonly id: number;
  /** PDSFC_FW_CMD_ATTR_*, 8 bits. */
  readonly attribute: number;
  readonly reply: PdsReply;
  /** Of its completion, enum pds_core_status_code: not 0 is an errno to the client. */
  readonly status: number;
  /** The operation's own error, 32 bits: not 0 leaves the response empty. */
  readonly retval: number;
}

export interface PdsEndpointProfile {
  /** 32 bits. */
  readonly id: number;
  /** In an order that counts: of one command the first row whose version reaches. At most 511. */
  readonly operations: readonly PdsOperationProfile[];
}

export interface PdsIdentity {
  /** 16 bits each; pci.ids. */
  readonly pci_device_id: number;
  readonly pci_subsystem_id: number;
  /** max_req_sz and max_resp_sz of struct pds_fwctl_ident, bytes; at most 65536 each. */
  readonly max_req_sz: number;
  readonly max_resp_sz: number;
}

export interface PdsDeviceProfile {
  /** Name in the configuration. */
  readonly name: string;
  /** What it is, for lists. */
  readonly title: string;
  readonly identity: PdsIdentity;
  readonly endpoints: readonly PdsEndpointProfile[];
}

/** Most operations of an endpoint: PDS_FWCTL_CMD_QUERY gives a page, 8 bytes each behind a header of 8. */
export const MAX_OPERATIONS = 511;
/** Longest payload of this emulator either way: a place in the frame. */
export const MAX_PAYLOAD = 0x10000;
