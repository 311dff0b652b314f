/** Names of numbers as a Lua table, for the Wireshark dissector; the first name of a number wins. */
export function luaTable(rows: readonly (readonly [number, string])[]): string {
  const seen = new Map<number, string>();
  for (const [value, name] of rows) if (!seen.has(value)) seen.set(value, name);
  const entries = [...seen].map(([value, name]) => `[${value}] = "${name}"`);
  return `{\n  ${entries.join(',\n  ')}\n}`;
}
