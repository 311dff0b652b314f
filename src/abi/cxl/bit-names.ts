/** Masks of CXL features as people read them: `0x201(CONFIG_CHANGE_COLD_RESET|EFFECTS_VALID)`. */
export function bitNames(value: number, names: Readonly<Record<string, number>>): string {
  const set = Object.entries(names).flatMap(([name, bit]) => ((value & bit) === 0 ? [] : [name]));
  return `0x${value.toString(16)}${set.length === 0 ? '' : `(${set.join('|')})`}`;
}
