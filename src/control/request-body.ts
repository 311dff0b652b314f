/** The body of one request: read when its turn has come, up to its method's bound. What is wrong is a refusal. */
import type { IncomingMessage } from 'node:http';
import type { Method } from './method.ts';
import { ControlError, MAX_BODY_BYTES, MAX_PROFILE_BYTES } from './protocol.ts';

/** Bytes. JSON writes a character of a profile in two at most, but for few. */
export function bodyLimit({ params }: Method): number {
  const files = Object.values(params).filter(({ kind }) => kind === 'content').length;
  return MAX_BODY_BYTES + files * 2 * MAX_PROFILE_BYTES;
}

export class RequestBody {
  private readonly request: IncomingMessage;
  private readonly goOn: () => void;
  private refusal: ControlError | undefined;
  private reject: (refusal: ControlError) => void = () => {};

  /** `goOn`: asks a client for it that waits for that (Expect: 100-continue). */
  constructor(request: IncomingMessage, goOn: () => void) {
    this.request = request;
    this.goOn = goOn;
  }

  /** What has come is wrong, or the rest does not come. False: all of it is there. */
  refuse(refusal: ControlError): boolean {
    if (this.request.complete) return false;
    this.refusal = refusal;
    this.reject(refusal);
    return true;
  }

  /** `limit`: bytes. Rejects with ControlError. */
  async text(limit: number): Promise<string> {
    if (this.refusal !== undefined) throw this.refusal;
    const tooLarge = `the body is larger than ${limit} bytes; no such request needs as much`;
    const refusal = () => new ControlError(413, 'body_too_large', tooLarge);
    const { request } = this;
    if (Number(request.headers['content-length'] ?? 0) > limit) throw refusal();
    this.goOn();
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Not `for await`: leaving that early would destroy the connection before the answer.
    await new Promise<void>((resolve, reject) => {
      this.reject = reject;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limit) {
          request.pause();
          reject(refusal());
        } else chunks.push(chunk);
      });
      request.once('end', resolve);
      const broken = () => reject(new ControlError(400, 'bad_request', 'the request was broken off'));
      request.once('error', broken).once('close', broken);
    });
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    } catch {
      throw new ControlError(400, 'bad_json', 'the body is not UTF-8');
    }
  }
}
