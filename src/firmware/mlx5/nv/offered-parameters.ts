/**
 * The parameters that a configuration tool shows of a device, as mstflint's mlxconfig finds them (mlxcfg_tlv.cpp,
 * mlxcfg_generic_commander.cpp: checkDependency): of TLVs that the device has, those whose version is not above the
 * TLV's and whose condition holds with the values of the next power-up.
 */
import type { FieldValue } from '../../../abi/bits.ts';
import { NV_CLASS, NV_TLVS, type NvTlv, nvTlvByName } from '../../../abi/mlx5/nv/tlvs.ts';
import type { NvMode } from './nv-config.ts';

/** What is asked of a device's configuration: NvConfig, or a client that asks by registers. */
export interface NvView {
  /** MGIR's num_ports. */
  readonly ports: number;
  /** Undefined: the device has no such TLV. */
  read(type: number, mode: NvMode): Uint8Array | undefined;
  /** MNVQC's. */
  version(tlv: NvTlv): number;
}

/** By the tools' name, with `_P1` of a port and `_M0` of a module, in the order of the TLVs. */
export function offeredParameters(nv: NvView, mode: NvMode = 'next'): ReadonlyMap<string, FieldValue> {
  const found = new Map<string, FieldValue>();
  for (const tlv of NV_TLVS) {
    for (const { type, suffix } of addressees(nv, tlv)) {
      const data = dataOf(nv, type, mode);
      if (data === undefined) continue;
      const version = nv.version(tlv);
      for (const [field, , , offered, since = 0] of tlv.rows) {
        if (offered === undefined || since > version || !holds(nv, tlv, type, offered)) continue;
        found.set(field + suffix, tlv.layout.get(data, field));
      }
    }
  }
  return found;
}

const PORT_SHIFT = 16;
const MODULE_SHIFT = 14;

function typeOf({ typeClass, index }: NvTlv, port: number): number {
  const type = typeClass * 2 ** 24 + index;
  return typeClass === NV_CLASS.PORT ? type + (port << PORT_SHIFT) : type;
}

function addressees(nv: NvView, tlv: NvTlv): readonly { readonly type: number; readonly suffix: string }[] {
  const numbers = Array.from({ length: nv.ports }, (_, i) => i);
  const type = typeOf(tlv, 0);
  if (tlv.typeClass === NV_CLASS.PORT) {
    return numbers.map((n) => ({ type: typeOf(tlv, n + 1), suffix: `_P${n + 1}` }));
  }
  if (tlv.typeClass === NV_CLASS.MODULE) {
    return numbers.map((n) => ({ type: type + (n << MODULE_SHIFT), suffix: `_M${n}` }));
  }
  return [{ type, suffix: '' }];
}

/** Sums of products; one that names a TLV which the device has not never holds. */
function holds(nv: NvView, tlv: NvTlv, type: number, condition: string): boolean {
  if (condition === 'always') return true;
  const port = tlv.typeClass === NV_CLASS.PORT ? (type >>> PORT_SHIFT) & 0xff : 1;
  let known = true;
  const term = (text: string): boolean => {
    const [, not, path = '', wanted] = /^(!?)([\w.]+)(?:=(\d+))?$/.exec(text) ?? [];
    const [first = '', second] = path.split('.');
    const other = second === undefined ? tlv : nvTlvByName(first);
    const data = other && dataOf(nv, other === tlv ? type : typeOf(other, port), 'next');
    if (other === undefined || data === undefined) {
      known = false;
      return false;
    }
    const value = Number(other.layout.get(data, second ?? first));
    return wanted === undefined ? (value !== 0) === (not === '') : value === Number(wanted);
  };
  const products = condition.split('|').map((product) => product.split('&').map(term).every(Boolean));
  return known && products.some(Boolean);
}

function dataOf(nv: NvView, type: number, mode: NvMode): DataView | undefined {
  const data = nv.read(type, mode);
  if (data === undefined) return undefined;
  // The layout has the TLV's version behind the data.
  const image = new Uint8Array(data.length + 4);
  image.set(data);
  return new DataView(image.buffer);
}
