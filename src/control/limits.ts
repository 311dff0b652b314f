/** What a client of the control socket may take its time for. docs/control.md states it. */

export interface Limits {
  /** From the connection, or the end of the answer before, to the end of a request's head, ms. */
  readonly headersTimeout: number;
  /** The same to the end of the request, ms. */
  readonly requestTimeout: number;
  /** Between an answer and the next request's first byte, ms. */
  readonly keepAliveTimeout: number;
  /** Between two looks at these, ms. */
  readonly connectionsCheckingInterval: number;
  /** Of a request's head, bytes. */
  readonly maxHeaderSize: number;
  /** An answer that is not taken for so long, or twice as long, is given up, ms. */
  readonly answerTimeout: number;
  /** Readers of traces at the same time. */
  readonly streams: number;
  /** One that has taken nothing of what waits for it for so long gives way to another, ms. */
  readonly stoppedReader: number;
}

export const LIMITS: Limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
  answerTimeout: 30_000,
  streams: 32,
  stoppedReader: 30_000,
};
