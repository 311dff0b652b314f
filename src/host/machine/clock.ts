/** The machine's clock. */
import type { Clock } from '../../abi/clock.ts';

/** Found once, and the cheapest clock: two readings stand in the way of each call (stats.ts). Counts from here on. */
const { hrtime } = process;

const [seconds0, nanoseconds0] = hrtime();

export const systemClock: Clock = {
  monotonicNs() {
    const [seconds, nanoseconds] = hrtime();
    return (seconds - seconds0) * 1e9 + (nanoseconds - nanoseconds0);
  },
  wallMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
