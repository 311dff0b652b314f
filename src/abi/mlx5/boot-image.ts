/**
 * What a firmware image of these cards (FS4) says of itself: the section IMAGE_INFO, which the table of contents
 * (ITOC) points to. Layouts: mstflint, image_layout_itoc_header, image_layout_itoc_entry, image_layout_image_info.
 */

export interface BootImageInfo {
  /** `major.minor.subminor`. */
  readonly version: string;
  /** `yyyy-mm-dd`. */
  readonly date: string;
  /** Board id. */
  readonly psid: string;
}

/** `ITOC` and what follows it; the table stands at the start of a sector. */
const SIGNATURE = [0x49544f43, 0x04081516, 0x2342cafa, 0xbacafe00];
const SECTOR = 0x1000;
const ENTRY_BYTES = 32;
const IMAGE_INFO = 0x10;
const LAST_ENTRY = 0xff;
/** Offsets in IMAGE_INFO. */
const INFO = { version: 4, date: 0x10, psid: 0x24, end: 0x34 };

/** Undefined: no such image. Any bytes do. */
export function bootImageInfo(image: Uint8Array): BootImageInfo | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  for (let table = 0; table + ENTRY_BYTES <= image.length; table += SECTOR) {
    if (!SIGNATURE.every((word, i) => view.getUint32(table + i * 4) === word)) continue;
    for (let entry = table + ENTRY_BYTES; entry + ENTRY_BYTES <= image.length; entry += ENTRY_BYTES) {
      const type = view.getUint8(entry);
      if (type === LAST_ENTRY) break;
      const at = view.getUint32(entry + 20) & 0x7fff_fffc;
      if (type === IMAGE_INFO && at + INFO.end <= image.length) return infoAt(view, at);
    }
  }
  return undefined;
}

function infoAt(view: DataView, at: number): BootImageInfo {
  const [major, subMinor, minor] = [0, 6, 4].map((offset) => view.getUint16(at + INFO.version + offset));
  // Binary-coded decimal.
  const bcd = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const [year, month, day] = [
    view.getUint16(at + INFO.date),
    view.getUint8(at + INFO.date + 2),
    view.getUint8(at + INFO.date + 3),
  ];
  const psid = Array.from({ length: INFO.end - INFO.psid }, (_, i) => view.getUint8(at + INFO.psid + i));
  return {
    version: `${major}.${minor}.${subMinor}`,
    date: `${bcd(year ?? 0, 4)}-${bcd(month ?? 0, 2)}-${bcd(day ?? 0, 2)}`,
    psid: String.fromCharCode(...psid.filter((byte) => byte !== 0)),
  };
}
