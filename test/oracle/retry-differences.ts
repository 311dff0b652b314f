/** The records of ioctls by CUSE's retry whose difference is made of the golden record's own numbers. */
import type { GoldenRecord } from '../conformance/golden.ts';

/** Bytes of all that goes back: payload, what stands behind a request's addresses, and the structure. */
const RETRY_BYTES = 32 * 4096;
const STRUCTURE_BYTES = { rpc: 32, info: 24 };

/** A buffer of the caller as the programs show it. */
interface ShownBuffer {
  readonly win: number;
  /** 0: nothing has been written. */
  readonly chg: number;
  /** The last byte that was written; undefined: none. */
  readonly last?: number;
}
/** drvx's buffers behind a request's addresses. */
const BUFFERS = ['x', 'y'] as const;
const length = ({ last = -1 }: ShownBuffer) => last + 1;
const unwritten = ({ win }: ShownBuffer) => ({ win, chg: 0 });

/** Of a call that writes more than a round carries. */
export function retryTooLong(_key: string, want: GoldenRecord | undefined): GoldenRecord[] {
  const [size, , , , pointer] = (want?.arg ?? []) as (number | string)[];
  if (want === undefined || want.out === undefined || typeof want.case !== 'string') return [];
  const asked = Number(/(?:out_len|dlen)=(\S+)/.exec(want.case)?.[1] ?? 0);
  const behind = BUFFERS.flatMap((name) =>
    want[name] === undefined ? [] : [[name, want[name] as ShownBuffer] as const],
  );
  const out = want.out as ShownBuffer;
  if ([out, ...behind.map(([, buffer]) => buffer)].every(({ chg }) => chg === 0)) return [];
  const isInfo = /cmd=INFO/.test(want.case);
  // What a fault cut short would have been as long as was asked for.
  const payload = want.err === 'OK' ? length(out) : asked;
  const written = behind.reduce((sum, [, buffer]) => sum + length(buffer), payload);
  if (written + STRUCTURE_BYTES[isInfo ? 'info' : 'rpc'] <= RETRY_BYTES) return [];
  return [
    {
      ...want,
      ret: -1,
      err: 'ENOMEM',
      arg: isInfo ? [size, 0, 0, asked, pointer] : want.arg,
      arg_chg: 0,
      out: unwritten(out),
      ...(want.in_chg !== undefined && { in_chg: 0 }),
      ...Object.fromEntries(behind.map(([name, buffer]) => [name, unwritten(buffer)])),
    },
  ];
}

/**
 * Of PORT_QSTATS and its like, whose first buffer is drvx's y and whose second is x. A later request that reads more of
 * x than its case has filled finds what these left there: drvx's cases fill what they read (`xw`), or would differ too.
 */
export function retrySecondBuffer(key: string, want: GoldenRecord | undefined): GoldenRecord[] {
  if (!/^bnxt(-part)?\//.test(key) || want?.err !== 'EFAULT' || !/Y:(?!ok).*X:/.test(String(want.case))) return [];
  const second = want.x as ShownBuffer | undefined;
  return second === undefined || second.chg === 0 ? [] : [{ ...want, x: unwritten(second) }];
}
