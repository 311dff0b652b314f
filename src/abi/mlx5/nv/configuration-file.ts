/**
 * A configuration as mlxconfig's create_conf makes it (mlxcfg_generic_commander.cpp): 16 characters, then TLVs, each
 * with the header that MNVDA has before its data.
 */
import { MNVDA } from '../registers/mnvda.ts';

const FINGERPRINT = 'MLNX.CONFIG.BIN!';
const HEADER_BYTES = 12;
/** Class of TLVs about the file itself: for which devices it is, who has signed it. */
const ABOUT_THE_FILE = 6;

/** [type dword, data] of each TLV that is for the device's configuration; undefined: no such file. Any bytes do. */
export function configurationItems(file: Uint8Array): readonly (readonly [number, Uint8Array])[] | undefined {
  const [type, length] = ['type', 'length'].map((field) => MNVDA.word(`configuration_item_header.${field}`));
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (type === undefined || length === undefined) return undefined;
  if (String.fromCharCode(...file.subarray(0, FINGERPRINT.length)) !== FINGERPRINT) return undefined;
  const items: [number, Uint8Array][] = [];
  for (let at = FINGERPRINT.length; at < file.length; ) {
    if (at + HEADER_BYTES > file.length) return undefined;
    const data = file.slice(at + HEADER_BYTES, at + HEADER_BYTES + length.get(view, at));
    if (data.length < length.get(view, at)) return undefined;
    const of = type.get(view, at);
    if (of >>> 24 !== ABOUT_THE_FILE) items.push([of, data]);
    at += HEADER_BYTES + data.length;
  }
  return items;
}
