/**
 * Field layouts of the commands that the emulator executes: what stands in request and reply beyond the common header
 * (mlx5_ifc.h: mlx5_ifc_*_in_bits, *_out_bits). [field, bit offset MSB first, bits].
 */
import { type Layout, layout } from '../bits.ts';

export interface CommandLayout {
  readonly request: Layout;
  readonly reply: Layout;
}

export const QUERY_HCA_CAP: CommandLayout = {
  request: layout('query_hca_cap_in', 16, [
    ['other_function', 64, 1],
    ['function_id', 80, 16],
  ]),
  // The capability structure follows; cap-types.ts has its layouts.
  reply: layout('query_hca_cap_out', 16, []),
};

/** The capability structure follows the 16 bytes; `function_id` counts when `other_function` is 1. */
export const SET_HCA_CAP: CommandLayout = {
  request: layout('set_hca_cap_in', 4112, [
    ['other_function', 64, 1],
    ['function_id', 80, 16],
  ]),
  reply: layout('set_hca_cap_out', 16, []),
};

export const QUERY_OTHER_HCA_CAP: CommandLayout = {
  request: layout('query_other_hca_cap_in', 16, [['function_id', 80, 16]]),
  reply: layout('query_other_hca_cap_out', 96, [['other_capability.roce', 128, 1]]),
};

export const QUERY_ADAPTER: CommandLayout = {
  request: layout('query_adapter_in', 16, []),
  reply: layout('query_adapter_out', 272, [
    ['ieee_vendor_id', 328, 24],
    ['vsd_vendor_id', 368, 16],
    ['vsd', 384, 1664],
    ['vsd_contd_psid', 2048, 128],
  ]),
};

export const QUERY_PAGES: CommandLayout = {
  request: layout('query_pages_in', 16, [
    ['embedded_cpu_function', 64, 1],
    ['function_id', 80, 16],
  ]),
  reply: layout('query_pages_out', 16, [
    ['embedded_cpu_function', 64, 1],
    ['function_id', 80, 16],
    ['num_pages', 96, 32],
  ]),
};

export const QUERY_ISSI: CommandLayout = {
  request: layout('query_issi_in', 16, []),
  reply: layout('query_issi_out', 112, [
    ['current_issi', 80, 16],
    ['supported_issi_dw0', 864, 32],
  ]),
};

export const QUERY_SPECIAL_CONTEXTS: CommandLayout = {
  request: layout('query_special_contexts_in', 16, []),
  reply: layout('query_special_contexts_out', 32, [
    ['dump_fill_mkey', 64, 32],
    ['resd_lkey', 96, 32],
    ['null_mkey', 128, 32],
    ['terminate_scatter_list_mkey', 160, 32],
    ['repeated_mkey', 192, 32],
  ]),
};

export const CREATE_UCTX: CommandLayout = {
  request: layout('create_uctx_in', 64, [['uctx.cap', 128, 32]]),
  reply: layout('create_uctx_out', 16, [['uid', 80, 16]]),
};

export const DESTROY_UCTX: CommandLayout = {
  request: layout('destroy_uctx_in', 16, [['uid', 80, 16]]),
  reply: layout('destroy_uctx_out', 16, []),
};

/** Unverified: no public header has this command's structures; formed after DESTROY_UCTX and CREATE_UCTX. */
export const QUERY_UCTX: CommandLayout = {
  request: layout('query_uctx_in', 16, [['uid', 80, 16]]),
  reply: layout('query_uctx_out', 64, [['uctx.cap', 128, 32]]),
};

export const ACCESS_REG: CommandLayout = {
  request: layout('access_register_in', 16, [
    ['register_id', 80, 16],
    ['argument', 96, 32],
  ]),
  // The register's image follows; registers/layouts.ts has the layouts.
  reply: layout('access_register_out', 16, []),
};

export const NOP: CommandLayout = { request: layout('nop_in', 16, []), reply: layout('nop_out', 16, []) };
