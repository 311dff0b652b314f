/**
 * Requests of the non-volatile memory. Structures and cmd_err: include/linux/bnxt/hsi.h; what is behind them,
 * nvm-directory.ts and nvm-variables.ts. Refusals are invented where hsi.h has no code for them; none verified.
 */
import { ERROR_CODE } from '../../../abi/bnxt/hwrm.ts';
import { type CommandTable, type HwrmCall, INVALID_PARAMS, invented, keeping, ofState, Refused } from '../command.ts';
import { type BnxtDevice, NVMOPT_ACTION } from '../device.ts';
import { bitsOf, GET_ERR, SET_ERR } from '../nvm-variables.ts';
import { wordVersion } from './version.ts';

const NO_ENTRY = new Refused(ERROR_CODE.ENTITY_NOT_PRESENT);
const DENIED = new Refused(ERROR_CODE.RESOURCE_ACCESS_DENIED);
const fail = (cmdErr: number) => new Refused(ERROR_CODE.FAIL, cmdErr);

/** NVM_WRITE_REQ_FLAGS_BATCH_MODE: `offset` and `len` say which part of the item this is. */
const BATCH_MODE = 2;
const FIND_BY_INDEX = 1;
const ORDINAL = { EQ: 0, GE: 1, GT: 2 };
const MOD_CHECKSUM = 1;
const GET_FLAGS = { FACTORY_DFLT: 1, VALIDATE: 2 };
const SET_FACTORY_DEFAULT = 0x80;

export const NVM_COMMANDS: CommandTable = {
  NVM_GET_DEV_INFO: ofState(({ values, nvm }) => ({
    manufacturer_id: values.nvm.manufacturer_id,
    device_id: values.nvm.device_id,
    sector_size: values.nvm.sector_size,
    nvram_size: values.nvm.size,
    reserved_size: nvm.reserved,
    available_size: nvm.available,
    nvm_cfg_ver_maj: 1,
    // FW_VER_VALID
    flags: 1,
    pkg_name: values.package,
    ...wordVersion('hwrm_fw', values.hwrm_fw),
    ...wordVersion('mgmt_fw', values.mgmt_fw),
    ...wordVersion('roce_fw', values.roce_fw),
    ...wordVersion('netctrl_fw', values.netctrl_fw),
  })),
  NVM_GET_DIR_INFO: ofState(({ nvm }) => ({ entries: nvm.entries, entry_length: 24 })),
  NVM_GET_DIR_ENTRIES: ofState(({ nvm }, call) => {
    const into = call.buffer(0);
    into.set(nvm.listing().subarray(0, into.length));
    return {};
  }),
  NVM_FIND_DIR_ENTRY: ofState(({ nvm }, call) => {
    const index = found({ nvm }, call);
    const item = nvm.item(index);
    if (item === undefined) return NO_ENTRY;
    const { itemLength, data, ordinal } = item;
    return { dir_item_length: itemLength, dir_data_length: data.length, dir_ordinal: ordinal, dir_idx: index };
  }),
  NVM_READ: ofState(({ nvm }, call) => {
    const index = call.get('dir_idx');
    if (nvm.item(index) === undefined) return NO_ENTRY;
    return nvm.read(index, call.get('offset'), call.buffer(0)) ? {} : INVALID_PARAMS;
  }),
  NVM_RAW_DUMP: ofState(({ nvm }, call) => (nvm.raw(call.get('offset'), call.buffer(0)) ? {} : INVALID_PARAMS)),
  // a card that is sold takes none
  NVM_RAW_WRITE_BLK: { values: 'invented', execute: () => DENIED },
  NVM_WRITE: keeping((device, call) => {
    const { nvm } = device;
    const [type, ordinal, ext] = [call.get('dir_type'), call.get('dir_ordinal'), call.get('dir_ext')];
    if (type === 0) return INVALID_PARAMS;
    const sent = call.buffer(0);
    const batch = (call.get('flags') & BATCH_MODE) !== 0;
    const known = nvm.item(nvm.find((item) => item.type === type && item.ordinal === ordinal && item.ext === ext));
    if (batch && call.get('offset') + sent.length > nvm.geometry.size) return INVALID_PARAMS;
    const data = batch ? withPart(known?.data, call, sent) : sent;
    const itemLength = Math.max(call.get('dir_item_length'), batch ? (known?.itemLength ?? 0) : 0);
    if (itemLength > nvm.geometry.size || data.length > nvm.geometry.size) return INVALID_PARAMS;
    const written = nvm.write({ type, ordinal, ext, attr: call.get('dir_attr'), data, itemLength });
    if (typeof written === 'number') return fail(written);
    device.nvmChanged = true;
    return { dir_item_length: nvm.item(written.index)?.itemLength ?? 0, dir_idx: written.index };
  }),
  NVM_MODIFY: keeping((device, call) => {
    const index = call.get('dir_idx');
    if (device.nvm.item(index) === undefined) return NO_ENTRY;
    if (!device.nvm.modify(index, call.get('offset'), call.buffer(0))) return INVALID_PARAMS;
    device.nvmChanged = true;
    return {};
  }),
  NVM_ERASE_DIR_ENTRY: keeping((device, call) => {
    if (!device.nvm.erase(call.get('dir_idx'))) return NO_ENTRY;
    device.nvmChanged = true;
    return {};
  }),
  NVM_MOD_DIR_ENTRY: keeping((device, call) => {
    const checksum = (call.get('enables') & MOD_CHECKSUM) === 0 ? {} : { checksum: call.get('checksum') };
    const names = { ordinal: call.get('dir_ordinal'), ext: call.get('dir_ext'), attr: call.get('dir_attr') };
    const index = call.get('dir_idx');
    const item = device.nvm.item(index);
    if (item === undefined) return NO_ENTRY;
    const other = device.nvm.find(
      ({ type, ordinal, ext }) => type === item.type && ordinal === names.ordinal && ext === names.ext,
    );
    if (other >= 0 && other !== index) return new Refused(ERROR_CODE.KEY_ALREADY_EXISTS);
    device.nvm.change(index, { ...names, ...checksum });
    device.nvmChanged = true;
    return {};
  }),
  NVM_VERIFY_UPDATE: ofState(({ nvm }, call) => {
    const [type, ordinal, ext] = [call.get('dir_type'), call.get('dir_ordinal'), call.get('dir_ext')];
    const index = nvm.find((item) => item.type === type && item.ordinal === ordinal && item.ext === ext);
    if (index < 0) return NO_ENTRY;
    return nvm.isSound(index) ? {} : fail(0);
  }),
  NVM_DEFRAG: keeping((device) => {
    device.nvm.defragment();
    return {};
  }),
  NVM_GET_VARIABLE: ofState(({ variables }, call) => {
    const option = call.get('option_num');
    const name = variables.nameOf(keyOf(call));
    if (isReserved(option)) return INVALID_PARAMS;
    if (name === undefined) return fail(variables.has(option) ? GET_ERR.INDEX_INVALID : GET_ERR.VAR_NOT_EXIST);
    const flags = call.get('flags');
    const bytes = variables.get(name, (flags & GET_FLAGS.FACTORY_DFLT) !== 0);
    const bits = call.get('data_len');
    if (bits < bitsOf(bytes)) return fail(GET_ERR.LEN_TOO_SHORT);
    const into = call.buffer(0);
    into.set(bytes.subarray(0, into.length));
    const data_len = Math.min(bits, 8 * bytes.length);
    return { data_len, option_num: option, flags: (flags & GET_FLAGS.VALIDATE) === 0 ? 0 : 1 };
  }),
  NVM_SET_VARIABLE: keeping((device, call) => {
    const { variables } = device;
    const option = call.get('option_num');
    const name = variables.nameOf(keyOf(call));
    if (isReserved(option)) return INVALID_PARAMS;
    if (name === undefined) return fail(variables.has(option) ? SET_ERR.INDEX_INVALID : SET_ERR.VAR_NOT_EXIST);
    const bits = call.get('data_len');
    const data = call.buffer(0);
    if ((call.get('flags') & SET_FACTORY_DEFAULT) !== 0) variables.reset(name);
    else if (8 * data.length < bits || !variables.set(name, data, bits)) return fail(SET_ERR.INVALID_DATA_LEN);
    device.nvmAction = NVMOPT_ACTION.HOTRESET;
    return {};
  }),
  // answered, and without anything to list
  SELFTEST_QLIST: invented({
    num_tests: 3,
    // NVM, LINK, REGISTER; the last one off line
    available_tests: 7,
    offline_tests: 4,
    test_timeout: 10_000,
    test0_name: 'nvm',
    test1_name: 'link',
    test2_name: 'register',
  }),
};

function isReserved(option: number): boolean {
  return option === 0 || option === 0xffff;
}

function keyOf(call: HwrmCall) {
  const count = Math.min(call.get('dimensions'), 4);
  const indices = [0, 1, 2, 3].slice(0, count).map((n) => call.get(`index_${n}`));
  return { option: call.get('option_num'), indices };
}

/** The item's data with the part that the request brings. */
function withPart(before: Uint8Array | undefined, call: HwrmCall, sent: Uint8Array): Uint8Array {
  const offset = call.get('offset');
  const part = sent.subarray(0, call.get('len') || sent.length);
  const data = new Uint8Array(Math.max(before?.length ?? 0, offset + part.length)).fill(0xff);
  if (before !== undefined) data.set(before);
  data.set(part, offset);
  return data;
}

/** Index of the entry that is asked for; -1: there is none. */
function found({ nvm }: Pick<BnxtDevice, 'nvm'>, call: HwrmCall): number {
  if ((call.get('enables') & FIND_BY_INDEX) !== 0) return call.get('dir_idx');
  const [type, wanted, ext] = [call.get('dir_type'), call.get('dir_ordinal'), call.get('dir_ext')];
  const how = call.get('opt_ordinal') & 3;
  const fits = (ordinal: number) =>
    how === ORDINAL.EQ ? ordinal === wanted : how === ORDINAL.GE ? ordinal >= wanted : ordinal > wanted;
  const ordinals = nvm
    .items()
    .flatMap((item) => (item?.type === type && item.ext === ext && fits(item.ordinal) ? [item.ordinal] : []));
  const least = Math.min(...ordinals);
  return nvm.find((item) => item.type === type && item.ext === ext && item.ordinal === least);
}
