/** The door to a GPU's GSP firmware: one GMC API command in, one response out (send_gmc_and_receive() of nova-core). */

export interface GmcResponse {
  /** NV_STATUS; 0: the command was carried out. */
  readonly status: number;
  /** Bytes of payload that were written; at most MAX_RESPONSE. */
  readonly length: number;
}

export interface GmcQueue {
  /** `response`: MAX_RESPONSE bytes, whose contents are undefined on entry. */
  send(commandId: number, payload: DataView, response: Uint8Array): GmcResponse;
}
