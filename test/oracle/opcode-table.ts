/**
 * fwx's opcode table (every 16-bit opcode by op_mod by scope, with and without CAP_SYS_RAWIO) against
 * opcode-scopes.json.
 */
import { type GoldenRecord, goldenScopes, type KernelName } from '../conformance/golden.ts';
import type { Comparison, Difference } from './compare.ts';

/** The scopes that fwx asks for, in its order; the last five do not exist. */
const SCOPES = [0, 1, 2, 3, 4, 5, 0x7fffffff, 0x80000000, 0xffffffff];
const OP_MODS = [0, 1, 2, 0xffff];

/** One answer a scope, of an opcode that is allowed in `allowed`. */
function answers(kernel: KernelName, allowed: readonly number[], rawio: boolean): string[] {
  return SCOPES.map((scope) => {
    if (scope > 3) return 'EOPNOTSUPP';
    if (scope === 3 && !rawio) return 'EPERM';
    if (kernel === 'v2' && scope >= 2) return 'EOPNOTSUPP';
    return allowed.includes(scope) ? 'OK' : 'EBADMSG';
  });
}

export function opcodeTableDifferences(kernel: KernelName, records: readonly GoldenRecord[]): Comparison {
  const measured = new Map(goldenScopes().map((row) => [Number(row.op), row[kernel]]));
  const allowedIn = (opcode: number, mod: number): readonly number[] => {
    const scopes = measured.get(opcode);
    if (scopes === undefined) return [];
    return Array.isArray(scopes) ? scopes : (scopes[`op_mod ${Math.min(mod, 2)}`] ?? []);
  };
  const differences: Difference[] = [];
  /** Rows printed, by table and opcode and op_mod; what is not printed answered as opcode 0 does. */
  const printed = new Map<string, string>();
  let rawio = true;
  let count = 0;
  for (const record of records) {
    if (record.table !== undefined) rawio = record.rawio === 1;
    else if (record.op !== undefined)
      printed.set(`${rawio} ${Number(record.op)} ${record.mod}`, JSON.stringify(record.r));
    else {
      count++;
      const want = JSON.stringify(answers(kernel, [], rawio));
      if (JSON.stringify(record.default) !== want)
        differences.push({
          key: `optable/default op_mod ${record.mod} rawio ${rawio}`,
          want: { r: want },
          have: record,
        });
    }
  }
  if (count !== 2 * OP_MODS.length)
    differences.push({ key: 'optable/tables', want: { tables: 2 * OP_MODS.length }, have: { tables: count } });
  for (const withRawio of [true, false]) {
    const plain = JSON.stringify(answers(kernel, [], withRawio));
    for (let opcode = 0; opcode < 0x10000; opcode++) {
      for (const mod of OP_MODS) {
        if (mod === 0xffff && opcode >= 0x1000) continue;
        count++;
        const want = JSON.stringify(answers(kernel, allowedIn(opcode, mod), withRawio));
        const have = printed.get(`${withRawio} ${opcode} ${mod}`) ?? plain;
        if (have !== want)
          differences.push({
            key: `optable/0x${opcode.toString(16)} op_mod ${mod}`,
            want: { r: want },
            have: { r: have },
          });
      }
    }
  }
  return { records: count, differences, agreed: [] };
}
