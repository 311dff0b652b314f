/**
 * Requests of the firmware itself and of its debugging. Structures: include/linux/bnxt/hsi.h. A reset that is to come
 * at once comes at once; one that waits for PCIe waits for ever, as nobody resets a link here. None verified.
 */
import { ERROR_CODE } from '../../../abi/bnxt/hwrm.ts';
import type { BnxtValues } from '../../../abi/bnxt/profile-shape.ts';
import { crc32 } from '../../../abi/crc32.ts';
import { type CommandTable, INVALID_PARAMS, invented, ofProfile, ofState, Refused } from '../command.ts';
import { SELFRST } from '../device.ts';

/** TEMP_MONITOR_QUERY_RESP_FLAGS_THRESHOLD_VALUES_AVAILABLE, _EXT_TEMP_FIELDS_AVAILABLE, _OM_NOT_PRESENT. */
const TEMP_FLAGS = 0x30;
const OM_NOT_PRESENT = 0x4;
const NOT_INSERTED = 4;
/** FW_RESET_REQ_EMBEDDED_PROC_TYPE_*: the last one, and the chip. */
const LAST_PROCESSOR = 8;
const CHIP = 6;
const MORE = 1;
const LIVEPATCH_NOT_SUPPORTED = 3;
const BAD_ID = 3;
const BAD_HDR_CNT = 1;
const BAD_FMT = 2;
const STRUCT_HDR = 16;
const STRUCTURES_MOST = 256;
/** Bytes of the firmware's own trace buffers: where the last flush ended, of each type. */
const TRACE_BYTES = 65536;
const TRACE_TYPES = 13;

export const FIRMWARE_COMMANDS: CommandTable = {
  FW_RESET: ofState((device, call) => {
    const [processor, when] = [call.get('embedded_proc_type'), call.get('selfrst_status')];
    if (processor > LAST_PROCESSOR || when > SELFRST.IMMEDIATE) return INVALID_PARAMS;
    if (when === SELFRST.PCIERST) device.pendingReset = SELFRST.PCIERST;
    else if (processor === CHIP || when !== SELFRST.NONE) device.reset();
    return { selfrst_status: when };
  }),
  FW_QSTATUS: ofState((device, call) => {
    if (call.get('embedded_proc_type') > CHIP) return INVALID_PARAMS;
    return { selfrst_status: device.pendingReset, nvm_option_action_status: device.nvmAction };
  }),
  // nothing public reads it back
  FW_SET_TIME: {
    values: 'invented',
    execute(_device, call) {
      const [month, day] = [call.get('month'), call.get('day')];
      const time = [call.get('hour') < 24, call.get('minute') < 60, call.get('second') < 60];
      return month < 1 || month > 12 || day < 1 || day > 31 || time.includes(false) ? INVALID_PARAMS : {};
    },
  },
  FW_SET_STRUCTURED_DATA: ofState((device, call) => {
    const bytes = call.buffer(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const count = call.get('hdr_cnt');
    if (count === 0) return new Refused(ERROR_CODE.FAIL, BAD_HDR_CNT);
    const taken: [string, Uint8Array][] = [];
    for (let n = 0, at = 0; n < count; n++) {
      if (at + STRUCT_HDR > bytes.length) return new Refused(ERROR_CODE.FAIL, BAD_FMT);
      // struct hwrm_struct_hdr: id, length behind it, version, count, subtype, offset of the next one
      const length = view.getUint16(at + 2, true);
      if (at + STRUCT_HDR + length > bytes.length) return new Refused(ERROR_CODE.FAIL, BAD_FMT);
      const name = `${view.getUint16(at, true)}:${view.getUint16(at + 6, true)}`;
      taken.push([name, bytes.slice(at, at + STRUCT_HDR + length)]);
      const next = view.getUint16(at + 8, true);
      at += next === 0 ? STRUCT_HDR + length : next;
    }
    for (const [name, data] of taken.slice(0, STRUCTURES_MOST - device.structures.size))
      device.structures.set(name, data);
    return {};
  }),
  FW_GET_STRUCTURED_DATA: ofState((device, call) => {
    const data = device.structures.get(`${call.get('structure_id')}:${call.get('subtype')}`);
    if (data === undefined) return new Refused(ERROR_CODE.FAIL, BAD_ID);
    const into = call.buffer(0);
    into.set(data.subarray(0, into.length));
    return { hdr_cnt: 1 };
  }),
  FW_LIVEPATCH_QUERY: invented(),
  FW_LIVEPATCH: { values: 'invented', execute: () => new Refused(ERROR_CODE.FAIL, LIVEPATCH_NOT_SUPPORTED) },
  TEMP_MONITOR_QUERY: ofProfile(({ values: { temp, phy_temp, om_temp, threshold, module } }) => {
    const absent = module.status === NOT_INSERTED;
    return {
      temp,
      phy_temp,
      om_temp: absent ? 0 : om_temp,
      flags: TEMP_FLAGS | (absent ? OM_NOT_PRESENT : 0),
      temp2: temp,
      phy_temp2: phy_temp,
      om_temp2: absent ? 0 : om_temp,
      warn_threshold: threshold.warn,
      critical_threshold: threshold.critical,
      fatal_threshold: threshold.fatal,
      shutdown_threshold: threshold.shutdown,
    };
  }),
  DBG_LOG_BUFFER_FLUSH: ofState((device, call) => {
    if (call.get('type') >= TRACE_TYPES) return INVALID_PARAMS;
    // the firmware traces 64 bytes a millisecond
    return { current_buffer_offset: (Math.floor(device.clock.monotonicNs() / 1e6) * 64) % TRACE_BYTES };
  }),
  DBG_COREDUMP_LIST: ofState(({ coredump }, call) => {
    const into = call.buffer(0);
    const piece = coredump.listPiece(call.get('seq_no'), into.length);
    if (piece === undefined) return INVALID_PARAMS;
    into.set(piece.bytes);
    return { flags: piece.more ? MORE : 0, total_segments: coredump.total, data_len: piece.bytes.length };
  }),
  DBG_COREDUMP_INITIATE: ofState(({ coredump }, call) =>
    coredump.initiate(call.get('component_id'), call.get('segment_id')) ? {} : INVALID_PARAMS,
  ),
  DBG_COREDUMP_RETRIEVE: ofState(({ coredump }, call) => {
    const into = call.buffer(0);
    const [component, segment] = [call.get('component_id'), call.get('segment_id')];
    const piece = coredump.piece(component, segment, call.get('seq_no'), into.length);
    if (piece === undefined) return INVALID_PARAMS;
    into.set(piece.bytes);
    return { flags: piece.more ? MORE : 0, data_len: piece.bytes.length };
  }),
  DBG_RING_INFO_GET: invented(),
  // CRASHDUMP_HOST_DDR, COREDUMP_HOST_DDR
  DBG_QCAPS: invented({ fid: 1, flags: 0x12 }),
  DBG_QCFG: ofProfile(({ values }) => ({
    fid: 1,
    coredump_size: Math.min(coredumpBytes(values), 0xffffffff),
    async_cmpl_ring: 0xffff,
  })),
  // each dword of a register space that nobody knows is its address
  DBG_READ_DIRECT: {
    values: 'invented',
    execute(_device, call) {
      const bytes = call.buffer(0);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const address = call.get('read_addr');
      for (let at = 0; at + 4 <= bytes.length; at += 4) view.setUint32(at, (address + at) >>> 0, true);
      return { crc32: crc32(bytes) };
    },
  },
  DBG_READ_INDIRECT: invented(),
  DBG_SERDES_TEST: invented({ progress_percent: 100 }),
  SELFTEST_RETRIEVE_SERDES_DATA: invented({ progress_percent: 100 }),
  DBG_PTRACE: { values: 'invented', execute: () => new Refused(ERROR_CODE.UNSUPPORTED_OPTION_ERR) },
  DBG_TOKEN_CFG: { values: 'invented', execute: () => new Refused(ERROR_CODE.RESOURCE_ACCESS_DENIED) },
};

function coredumpBytes({ coredump }: BnxtValues): number {
  return Object.values(coredump).reduce((sum, { length, data }) => sum + (length || data.length / 2), 0);
}
