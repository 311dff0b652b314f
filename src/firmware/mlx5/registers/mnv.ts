/**
 * The registers of the non-volatile configuration (PRM; mstflint mlxconfig): MNVQC asks what a TLV allows, MNVDA reads
 * and writes one, MNVGN walks those that are set, MNVDI takes one back, MNVIA all. The store: nv/nv-config.ts.
 */
import { MNVDA } from '../../../abi/mlx5/registers/mnvda.ts';
import { MNVGN } from '../../../abi/mlx5/registers/mnvgn.ts';
import { MNVQC } from '../../../abi/mlx5/registers/mnvqc.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { NvMode } from '../nv/nv-config.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

type Exchange = RegisterExchange<Mlx5Device>;

const HEADER = 'configuration_item_header';
const tlvType = MNVDA.word(`${HEADER}.type`);
const length = MNVDA.word(`${HEADER}.length`);
const accessMode = MNVDA.word(`${HEADER}.access_mode`);
const MODES: readonly NvMode[] = ['next', 'current', 'factory'];
/** writer_id: mlxconfig over the command interface. */
const WRITER = 9;
const MNVDA_DATA = 12;
const MNVGN_ITEM = 16;

export function readMnvqc({ device, input, output }: Exchange): undefined {
  const tlv = device.nv.tlv(input.getUint32(0));
  MNVQC.assign(output, {
    support_rd: tlv !== undefined,
    support_wr: tlv !== undefined,
    version: tlv === undefined ? 0 : device.nv.version(tlv),
  });
  return undefined;
}

/** Unverified: that hardware refuses unknown TLVs with BAD_RES (it is what mstconfig takes for "not there"). */
export function readMnvda({ device, input, output }: Exchange): Refusal | undefined {
  const mode = MODES[accessMode.get(input, 0)];
  if (mode === undefined) return REFUSAL.REGISTER_SELECTOR;
  const type = tlvType.get(input, 0);
  const data = device.nv.read(type, mode);
  if (data === undefined) return REFUSAL.NV_UNKNOWN;
  putItem(device, output, 0, type, data);
  return undefined;
}

export function writeMnvda({ device, input, output }: Exchange): Refusal | undefined {
  const type = tlvType.get(input, 0);
  const tlv = device.nv.tlv(type);
  if (tlv === undefined) return REFUSAL.NV_UNKNOWN;
  const bytes = length.get(input, 0);
  if (bytes !== tlv.bytes || MNVDA_DATA + bytes > MNVDA.bytes) return REFUSAL.REGISTER_VALUE;
  const data = new Uint8Array(input.buffer, input.byteOffset + MNVDA_DATA, bytes);
  device.nv.write(type, data);
  putItem(device, output, 0, type, data);
  return undefined;
}

/**
 * nv_pointer counts from 0; the reply's is that of the next one, and 0 without an item behind the last (so mstconfig
 * backup walks). Nothing set, or a pointer to nothing: BAD_RES.
 */
export function readMnvgn({ device, input, output }: Exchange): Refusal | undefined {
  const stored = device.nv.stored();
  const pointer = input.getUint32(0);
  if (pointer > stored.length || stored.length === 0) return REFUSAL.NV_UNKNOWN;
  const entry = stored[pointer];
  if (entry !== undefined) putItem(device, output, MNVGN_ITEM, ...entry);
  MNVGN.set(output, 'nv_pointer', entry === undefined ? 0 : pointer + 1);
  return undefined;
}

/** The header has its type where MNVDA has it; the table of MNVDI splits it by class. */
export function writeMnvdi({ device, input }: Exchange): Refusal | undefined {
  return device.nv.invalidate(input.getUint32(4)) ? undefined : REFUSAL.NV_UNKNOWN;
}

export function writeMnvia({ device }: Exchange): undefined {
  device.nv.invalidateAll();
  return undefined;
}

/** Header and data of a TLV at `base`: MNVDA's layout, which MNVGN has behind its pointer. What does not fit is cut. */
function putItem(device: Mlx5Device, output: DataView, base: number, type: number, data: Uint8Array): void {
  const put = (field: string, value: number) => MNVDA.set(output, `${HEADER}.${field}`, value, base);
  put('length', data.length);
  put('type', type);
  put('rd_en', 1);
  put('ovr_en', 1);
  const tlv = device.nv.tlv(type);
  put('version', tlv === undefined ? 0 : device.nv.version(tlv));
  put('writer_id', device.nv.isSet(type) ? WRITER : 0);
  const from = base + MNVDA_DATA;
  for (let i = from; i < output.byteLength; i++) output.setUint8(i, data[i - from] ?? 0);
}
