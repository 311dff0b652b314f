/** HWRM requests and responses by name, and which of their fields tell most. */
import { errorCodeName } from '../../../abi/bnxt/error-codes.ts';
import { FWCTL_INFO_BYTES, requestHeader, responseHeader, UCTX_CAP } from '../../../abi/bnxt/hwrm.ts';
import { fieldsIn, type HwrmLayout, readField } from '../../../abi/bnxt/layout.ts';
import { layoutsOf } from '../../../abi/bnxt/request-layouts.ts';
import { requestName } from '../../../abi/bnxt/requests.ts';
import { fieldText, isZero, type ShownField } from '../../../abi/shown-field.ts';
import type { DescribedReply, DescribedRequest } from '../../../fwctl/dialect.ts';
import { explain } from './explain.ts';

/** The fields that tell most of a response; of others what is not zero, in the structure's order. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
  VER_GET: [
    'hwrm_intf_maj_8b',
    'hwrm_intf_min_8b',
    'hwrm_intf_upd_8b',
    'hwrm_fw_major',
    'hwrm_fw_minor',
    'hwrm_fw_build',
    'hwrm_fw_patch',
    'active_pkg_name',
    'chip_num',
    'chip_rev',
  ],
  FUNC_QCAPS: ['fid', 'port_id', 'flags', 'mac_address', 'max_cmpl_rings', 'max_tx_rings', 'max_rx_rings', 'max_vfs'],
  FUNC_QCFG: ['fid', 'port_id', 'flags', 'mac_address', 'pci_id', 'alloc_tx_rings', 'alloc_rx_rings', 'alloc_vfs'],
  PORT_PHY_QCFG: ['link', 'link_speed', 'duplex_state', 'media_type', 'phy_type', 'module_status', 'phy_vendor_name'],
};
/** Where fields are numbers of the header, which the call's own words say. */
const HEADER = new Set(['error_code', 'req_type', 'seq_id', 'resp_len', 'valid']);
/** Fields of a request that its command's text shows. */
const SHOWN = 5;

const viewOf = (bytes: Uint8Array, length: number) => new DataView(bytes.buffer, bytes.byteOffset, length);

export function request(bytes: Uint8Array, length: number): DescribedRequest {
  const view = viewOf(bytes, length);
  const type = view.getUint16(requestHeader.reqType, true);
  const name = requestName(type);
  const fields = shownFields(layoutsOf(type).request, view);
  const set = fields.filter(([, value]) => !isZero(value));
  const words = [...set.slice(0, SHOWN).map(fieldText), ...(set.length > SHOWN ? ['...'] : [])];
  return {
    numbers: { req_type: type },
    names: { req_type: name },
    command: words.length === 0 ? name : `${name}(${words.join(' ')})`,
    fields,
  };
}

export function reply(
  requestBytes: Uint8Array,
  requestLength: number,
  replyBytes: Uint8Array,
  replyLength: number,
): DescribedReply {
  const view = viewOf(replyBytes, replyLength);
  const type = viewOf(requestBytes, requestLength).getUint16(requestHeader.reqType, true);
  const status = view.getUint16(responseHeader.errorCode, true);
  const statusName = errorCodeName(status);
  if (status !== 0) {
    const told = replyLength >= responseHeader.refusal && view.getUint16(responseHeader.respLen, true) !== 0;
    const codes: Record<string, number> = told ? { cmd_err: view.getUint8(responseHeader.cmdErr) } : {};
    const refusal = explain(type, requestLength, status, codes.cmd_err ?? 0);
    return { status, statusName, codes, refusal, fields: [], keys: [] };
  }
  const fields = shownFields(layoutsOf(type).response, view);
  const telling = TELLING[requestName(type)];
  const keys =
    telling?.flatMap((wanted) => fields.filter(([name]) => name === wanted)) ??
    fields.filter(([, value]) => !isZero(value));
  return { status, statusName, codes: {}, fields, keys };
}

/** struct fwctl_info_bnxt. */
export function info(bytes: Uint8Array): ShownField[] {
  if (bytes.length < FWCTL_INFO_BYTES) return [];
  const caps = viewOf(bytes, bytes.length).getUint32(0, true);
  const names = Object.entries(UCTX_CAP).flatMap(([name, bit]) => ((caps & bit) === 0 ? [] : [name]));
  return [['uctx_caps', `0x${caps.toString(16)}${names.length === 0 ? '' : `(${names.join('|')})`}`]];
}

function shownFields(layout: HwrmLayout, view: DataView): ShownField[] {
  return [...fieldsIn(layout, view)].flatMap((field): ShownField[] => {
    if (HEADER.has(field.path)) return [];
    const value = readField(field, view);
    return [[field.path, value instanceof Uint8Array ? text(value) : value]];
  });
}

/** Bytes as latin1 up to the NUL tail; who writes it escapes it. */
function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/\0+$/, '');
}
