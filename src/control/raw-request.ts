/**
 * One HTTP/1.1 exchange on the control socket, written and read by hand: node:http costs a verb a fifth of its time.
 * The other end is our own server: a status line, headers, a body of content-length, or in chunks.
 */
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly content: string;
}

/** `ended`: the other end went away in the middle. */
export const ENDED = 'ended';

/** Rejects with a system error, whose code says why nobody answered, or with an Error of code ENDED. */
export function rawRequest(path: string, method: string, target: string, body: string | undefined): Promise<RawAnswer> {
  const length =
    body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${length}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    // Whoever has gone before the end of our request may have answered it all the same.
    let broken: Error | undefined;
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', (error) => {
      broken = error;
    });
    socket.on('close', () => {
      const answer = parse(Buffer.concat(chunks));
      if (answer !== undefined) resolve(answer);
      else reject(broken ?? Object.assign(new Error('the answer is not whole'), { code: ENDED }));
    });
    socket.end(head + (body ?? ''));
  });
}

/** Undefined: its end is missing. */
function parse(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...headers] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(first)?.[1]);
  // of something else that listens there
  if (!(status > 0)) return { status: 0, content: '' };
  const header = (name: string) =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const body = bytes.subarray(end + 4);
  const length = Number(header('content-length') ?? Number.NaN);
  if (header('transfer-encoding')?.toLowerCase() === 'chunked') {
    const whole = unchunked(body);
    return whole && { status, content: whole.toString('utf8') };
  }
  if (Number.isNaN(length)) return { status, content: body.toString('utf8') };
  return body.length < length ? undefined : { status, content: body.toString('utf8', 0, length) };
}

function unchunked(body: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(body.toString('latin1', at, line), 16);
    if (Number.isNaN(size) || line + 2 + size > body.length) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 4 + size;
  }
}
