/** Fields that several answers have: versions in parts, numbers of a MAC address. */

/** `hwrm_fw_major` and so on of "230.0.153.0". */
export function wordVersion(prefix: string, version: string): Record<string, number> {
  const parts = version.split('.').map(Number);
  return Object.fromEntries(
    ['major', 'minor', 'build', 'patch'].map((part, i) => [`${prefix}_${part}`, parts[i] ?? 0]),
  );
}

/** `hwrm_fw_maj_8b` and so on: what does not fit into 8 bits is cut to its low ones. */
export function byteVersion(prefix: string, version: string, names: readonly string[]): Record<string, number> {
  const parts = version.split('.').map((part) => Number(part) & 0xff);
  return Object.fromEntries(names.map((name, i) => [`${prefix}_${name}_8b`, parts[i] ?? 0]));
}
