/** The machine's clock. */
import type { Clock } from '../abi/clock.ts';

export const systemClock: Clock = {
  monotonicNs: () => Math.round(performance.now() * 1e6),
  wallMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
