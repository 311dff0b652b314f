/**
 * The shape of a pds device's description: what devices/ writes down and the firmware is made from. In abi/ because
 * neither may import the other.
 */
import { record, type ShapedProfile, table, text, type ValueOf, whole } from '../profile-shape.ts';
import { ATTRIBUTES } from './attributes.ts';
import { STATUSES } from './status.ts';

/** Longest payload of this emulator either way, bytes: a place in the frame. */
const MAX_PAYLOAD = 0x10000;
const U32 = 0xffffffff;

/** struct pds_fwctl_query_data_operation by its id: command in bits 15 to 0, the highest version of it in 23 to 16. */
const OPERATION = record({
  /** PDSFC_FW_CMD_ATTR_*, 8 bits. The driver asks for it once. */
  attribute: whole(0xff, {
    names: Object.fromEntries(ATTRIBUTES.map(({ name, value }) => [name.toLowerCase(), value])),
    powerUp: true,
  }),
  /** The response, cut at the length asked for, and zero behind its own (`readReply`). */
  reply: text(
    /^(none|echo|hex:([0-9a-f]{2}\s*)*|text:[\x20-\x7e]*|last:(0x[0-9a-f]{1,4}|\d{1,5}))$/i,
    'none, echo, hex:BYTES, text:CHARACTERS, or last:OPERATION, what that one of this endpoint was last sent',
    { unlessTold: 'none' },
  ),
  /** Of its completion, enum pds_core_status_code: not 0 is an errno to the client. */
  status: whole(0xff, {
    names: { ok: 0, ...Object.fromEntries(STATUSES.map(({ name, status }) => [name, status])) },
    unlessTold: 0,
  }),
  /** The operation's own error: not 0 leaves the response empty. */
  retval: whole(U32, { unlessTold: 0 }),
});

export const PDS_SHAPE = record({
  /** pci.ids: Pensando is 1dd8. */
  pci_device_id: whole(0xffff, { hex: true, powerUp: true }),
  pci_subsystem_id: whole(0xffff, { hex: true, powerUp: true }),
  /** max_req_sz and max_resp_sz of struct pds_fwctl_ident, bytes. */
  max_req_sz: whole(MAX_PAYLOAD, { powerUp: true }),
  max_resp_sz: whole(MAX_PAYLOAD, { powerUp: true }),
  /** Operations in an order that counts: of one command the first row whose version reaches. */
  endpoints: table(
    { id: whole(U32, { hex: true }) },
    record({ operations: table({ id: whole(U32, { hex: true }) }, OPERATION) }),
  ),
});

export type PdsValues = ValueOf<typeof PDS_SHAPE>;
export type PdsDeviceProfile = ShapedProfile<PdsValues>;
export type PdsOperationValues = ValueOf<typeof OPERATION>;

/** Most operations of an endpoint: PDS_FWCTL_CMD_QUERY gives a page, 8 bytes each behind a header of 8. */
export const MAX_OPERATIONS = 511;

/** What the text of an operation's reply means. */
export type PdsReply =
  | { readonly kind: 'none' | 'echo' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Bits 15 to 0 of the id of the other operation. */
  | { readonly kind: 'last'; readonly of: number };

/** `text`: as the shape has it. */
export function readReply(text: string): PdsReply {
  const at = text.indexOf(':');
  const [word, rest] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  switch (word.toLowerCase()) {
    case 'hex':
      return {
        kind: 'bytes',
        bytes: Uint8Array.from(rest.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number(`0x${pair}`)),
      };
    case 'text':
      return { kind: 'bytes', bytes: Uint8Array.from(rest, (c) => c.charCodeAt(0)) };
    case 'last':
      return { kind: 'last', of: Number(rest) & 0xffff };
    case 'echo':
      return { kind: 'echo' };
    default:
      return { kind: 'none' };
  }
}
