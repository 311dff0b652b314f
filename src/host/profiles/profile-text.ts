/** A device profile as text: what `fwctl-emu profile show` prints and a driver's reader takes back. */
import { createRequire } from 'node:module';
import { isPlain, plainText } from '../config/plain-text.ts';
import type { ProfileTree } from './profile-kind.ts';

/** YAML, with the empty parts left out. */
export function profileYaml(tree: ProfileTree): string {
  const { Document, isMap, isScalar, isSeq, visit } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  const doc = new Document(written(tree));
  visit(doc, {
    Seq(_, node) {
      if (isSeq(node)) node.flow = true;
    },
    Pair(_, pair) {
      // A capability type without a field of its own: `CRYPTO: {}`.
      if (isMap(pair.value) && pair.value.items.length === 0) pair.value.flow = true;
      const digits = isScalar(pair.value) && typeof pair.value.value === 'string' && /^[0-9.]+$/.test(pair.value.value);
      if (digits && isScalar(pair.value)) pair.value.type = 'QUOTE_DOUBLE';
    },
    Scalar(_, node) {
      if (typeof node.value === 'string' && !isPlain(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  // Inside of double quotes, where alone there is something to escape, its escapes are YAML's.
  return plainText(doc.toString({ lineWidth: 0 }));
}

/** JSON of the same shape; whole numbers beyond 2^53 are written in full. */
export function profileJson(tree: ProfileTree): string {
  const big: string[] = [];
  const text = JSON.stringify(
    written(tree),
    (_, value: unknown) => {
      if (typeof value !== 'bigint') return value;
      big.push(String(value));
      return `\u0000${big.length - 1}`;
    },
    2,
  );
  return text.replace(/"\\u0000(\d+)"/g, (_, index: string) => big[Number(index)] ?? '');
}

function written(tree: ProfileTree): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(tree).filter(([, part]) => typeof part !== 'object' || Object.keys(part).length > 0),
  );
}
