/**
 * Access control lists as extended attributes: include/uapi/linux/posix_acl_xattr.h. The VFS has checked what it hands
 * down (posix_acl_valid() of fs/posix_acl.c): a u32 version, 2, then rows of u16 tag, u16 permissions, u32 id.
 */
const HEADER_BYTES = 4;
const ROW_BYTES = 8;

/** Tags: ACL_USER_OBJ, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER; the others name a user or a group. */
const USER_OBJ = 0x01;
const GROUP_OBJ = 0x04;
const MASK = 0x10;
const OTHER = 0x20;
/** Where a tag's permissions stand in the mode. */
const SHIFT: ReadonlyMap<number, number> = new Map([
  [USER_OBJ, 6],
  [GROUP_OBJ, 3],
  [MASK, 3],
  [OTHER, 0],
]);

interface Row {
  readonly at: number;
  readonly tag: number;
  readonly permissions: number;
}

/**
 * What a list makes of a mode's permission bits, the mask standing for the group; `minimal`: the mode says all of it,
 * and no list is kept (posix_acl_equiv_mode()).
 */
export function modeOfAcl(acl: Uint8Array): { permissions: number; minimal: boolean } {
  const rows = rowsOf(acl);
  const masked = rows.some(({ tag }) => tag === MASK);
  let bits = 0;
  for (const { tag, permissions } of rows) {
    const shift = SHIFT.get(tag);
    if (shift !== undefined && !(masked && tag === GROUP_OBJ)) bits |= permissions << shift;
  }
  return {
    permissions: bits,
    minimal: rows.every(({ tag }) => tag !== MASK && SHIFT.has(tag)),
  };
}

/** The list after chmod(2): the group's bits become the mask's (__posix_acl_chmod_masq()). */
export function aclWithMode(acl: Uint8Array, mode: number): Uint8Array {
  const changed = acl.slice();
  const view = new DataView(changed.buffer);
  const rows = rowsOf(acl);
  const masked = rows.some(({ tag }) => tag === MASK);
  for (const { at, tag } of rows) {
    const shift = SHIFT.get(tag);
    if (shift === undefined || (masked && tag === GROUP_OBJ)) continue;
    view.setUint16(at + 2, (mode >> shift) & 7, true);
  }
  return changed;
}

function rowsOf(acl: Uint8Array): Row[] {
  const view = new DataView(acl.buffer, acl.byteOffset, acl.byteLength);
  const rows: Row[] = [];
  for (let at = HEADER_BYTES; at + ROW_BYTES <= acl.length; at += ROW_BYTES) {
    rows.push({ at, tag: view.getUint16(at, true), permissions: view.getUint16(at + 2, true) & 7 });
  }
  return rows;
}
