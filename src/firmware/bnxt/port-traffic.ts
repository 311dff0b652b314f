/** What has gone over the port since its counters were cleared: the profile's rates, while the link was up. */
import type { BnxtValues } from '../../abi/bnxt/profile-shape.ts';
import type { Clock } from '../../abi/clock.ts';

const LINK_UP = 2;

export interface Totals {
  readonly rxFrames: bigint;
  readonly txFrames: bigint;
  readonly rxBytes: bigint;
  readonly txBytes: bigint;
}

export class PortTraffic {
  private readonly clock: Clock;
  /** Frames and bytes up to `lastNs`, with their fractions. */
  private counted = NONE;
  private lastNs: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.lastNs = clock.monotonicNs();
  }

  /** To be called before the values change too: what is past went by the old ones. */
  count({ link, traffic }: BnxtValues): Totals {
    const now = this.clock.monotonicNs();
    const seconds = link.state === LINK_UP ? (now - this.lastNs) / 1e9 : 0;
    this.lastNs = now;
    const [rx, tx] = [seconds * traffic.rx_frames, seconds * traffic.tx_frames];
    const { rxFrames, txFrames, rxBytes, txBytes } = this.counted;
    this.counted = {
      rxFrames: rxFrames + rx,
      txFrames: txFrames + tx,
      rxBytes: rxBytes + rx * traffic.frame_bytes,
      txBytes: txBytes + tx * traffic.frame_bytes,
    };
    return {
      rxFrames: whole(this.counted.rxFrames),
      txFrames: whole(this.counted.txFrames),
      rxBytes: whole(this.counted.rxBytes),
      txBytes: whole(this.counted.txBytes),
    };
  }

  clear(): void {
    this.counted = NONE;
    this.lastNs = this.clock.monotonicNs();
  }
}

const NONE = { rxFrames: 0, txFrames: 0, rxBytes: 0, txBytes: 0 };

function whole(value: number): bigint {
  return BigInt(Math.floor(value));
}
