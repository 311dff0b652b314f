/** Time as the emulator sees it; injected, so that tests neither sleep nor flake. */
export interface Clock {
  /** Nanoseconds since an arbitrary start, monotonic; exact for 104 days. */
  monotonicNs(): number;
  /** Milliseconds since the Unix epoch. */
  wallMs(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}
