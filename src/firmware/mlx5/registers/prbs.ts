/**
 * PPRT and PPTT, test patterns received and sent, each lane with its own; PPAOS, whether the port sends them (PRM). The
 * port must be closed. The partner sends back what it hears: a lane locks where its receiver expects what its sender
 * sends, at once (unverified: a real one takes time, and an own tuning only if it is told to).
 */
import type { Layout } from '../../../abi/bits.ts';
import { PPAOS } from '../../../abi/mlx5/registers/ppaos.ts';
import { PPRT } from '../../../abi/mlx5/registers/pprt.ts';
import { PPTT } from '../../../abi/mlx5/registers/pptt.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { inTestMode, linkOf, loopbackOf, pluggedModule } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { byPort } from './instances.ts';

/** Lanes that an instance number counts; a port has as many as PMLP says. */
export const LANES = 16;
const PORT_LANES = 8;
/** Which of them stands for what is set for all lanes. */
const ALL_LANES = LANES - 1;

/** Bit of lane_rate_cap by number of the rate (PRM, PPRT.lane_rate_cap and lane_rate_oper); 0: none. */
const RATE_CAPABILITY = [0x2, 0x8, 0x10, 0x20, 0x40, 0x80, 0x200, 0x400, 0x800, 0, 0x1, 0x4, 0x100] as const;

interface Pattern {
  readonly layout: Layout;
  readonly enable: ReturnType<Layout['word']>;
  readonly perLane: ReturnType<Layout['word']>;
  readonly lane: ReturnType<Layout['word']>;
  readonly rate: ReturnType<Layout['word']>;
  readonly rates: ReturnType<Layout['word']>;
  readonly mode: ReturnType<Layout['word']>;
  readonly modes: ReturnType<Layout['word']>;
  readonly modulation: ReturnType<Layout['word']>;
  /** Fields that a lane's image holds. */
  readonly kept: readonly ReturnType<Layout['word']>[];
}

function pattern(layout: Layout, rate: string): Pattern {
  const word = (path: string) => layout.word(path);
  const kept = [...layout.fields.values()].filter(({ access }) => access === 'RW').map(({ path }) => layout.word(path));
  return {
    layout,
    enable: word('e'),
    perLane: word('le'),
    lane: word('lane'),
    rate: word(rate),
    rates: word('lane_rate_cap'),
    mode: word('prbs_mode_admin'),
    modes: word('prbs_modes_cap'),
    modulation: word('modulation'),
    kept,
  };
}

const receiver = pattern(PPRT, 'lane_rate_oper');
const sender = pattern(PPTT, 'lane_rate_admin');

const start = PPRT.word('s');

/** Port and lane; without `le` the lane means nothing. */
function byLane({ perLane, lane }: Pattern): (input: DataView, device: Mlx5Device) => number | undefined {
  return (input, device) => {
    const port = byPort(input, device);
    if (port === undefined) return undefined;
    if (perLane.get(input, 0) === 0) return port * LANES + ALL_LANES;
    const own = lane.get(input, 0);
    return own >= PORT_LANES ? undefined : port * LANES + own;
  };
}

/** A lane's image: its own, or what is set for all. Who asks for all is shown lane 0's. */
function laneImage(device: Mlx5Device, { layout }: Pattern, instance: number): DataView {
  const { registerTable } = device;
  const port = instance - (instance % LANES);
  const lane = instance === port + ALL_LANES ? port : instance;
  const own = registerTable.isWritten(device, layout, lane);
  return registerTable.imageOf(device, layout, own ? lane : port + ALL_LANES);
}

/** A rate or pattern that the port does not have is refused; PAM4 above 53 Gb/s only. */
/** A tuning that is started leaves the pattern as it is (mstlink --test_mode TU sends nothing else). */
function tune({ device, input, instance }: RegisterExchange<Mlx5Device>): undefined {
  if (start.get(input, 0) === 0) return undefined;
  const image = laneImage(device, receiver, instance);
  for (const field of receiver.kept) if (field !== receiver.enable) field.put(input, 0, field.get(image, 0));
  return undefined;
}

function write(which: Pattern, { device, input, output, instance }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const rate = RATE_CAPABILITY[which.rate.get(input, 0)] ?? 0;
  const mode = which.mode.get(input, 0);
  const known =
    (which.rates.get(output, 0) & rate) !== 0 && mode < 32 && (which.modes.get(output, 0) & (1 << mode)) !== 0;
  if (which.enable.get(input, 0) === 1 && !known) return REFUSAL.REGISTER_VALUE;
  if (which.modulation.get(input, 0) > 3) return REFUSAL.REGISTER_VALUE;
  if (which.perLane.get(input, 0) === 0) {
    const port = instance - ALL_LANES;
    for (let lane = 0; lane < PORT_LANES; lane++) device.registerTable.forget(device, which.layout, port + lane);
  }
  return undefined;
}

function compute(which: Pattern, { device, output, instance }: RegisterExchange<Mlx5Device>): void {
  const image = laneImage(device, which, instance);
  for (const field of which.kept) field.put(output, 0, field.get(image, 0));
}

const tuning = PPRT.word('prbs_rx_tuning_status');
const lock = PPRT.word('prbs_lock_status');
const lockAbove = PPRT.word('prbs_lock_status_ext');
const TUNED = 2;

/** A bit for each lane of the port whose receiver follows; 0 outside of the test mode. */
function locked(device: Mlx5Device, port: number): number {
  if (!inTestMode(device, port)) return 0;
  const heard = pluggedModule(device, port) !== undefined || loopbackOf(device, port) !== 0;
  if (!heard) return 0;
  let mask = 0;
  for (let lane = 0; lane < PORT_LANES; lane++) {
    const [rx, tx] = [receiver, sender].map((which) => laneImage(device, which, port * LANES + lane));
    if (rx === undefined || tx === undefined || receiver.enable.get(rx, 0) === 0 || sender.enable.get(tx, 0) === 0) {
      continue;
    }
    const same =
      receiver.rate.get(rx, 0) === sender.rate.get(tx, 0) && receiver.mode.get(rx, 0) === sender.mode.get(tx, 0);
    if (same) mask |= 1 << lane;
  }
  return mask;
}

export const pprt = {
  instance: byLane(receiver),
  write: (exchange: RegisterExchange<Mlx5Device>) => tune(exchange) ?? write(receiver, exchange),
  compute(exchange: RegisterExchange<Mlx5Device>): void {
    compute(receiver, exchange);
    const { device, output, instance } = exchange;
    const port = Math.floor(instance / LANES);
    const mask = locked(device, port);
    lock.put(output, 0, mask & 0xf);
    lockAbove.put(output, 0, mask >> 4);
    tuning.put(output, 0, mask === 0 ? 0 : TUNED);
  },
} as const;

export const pptt = {
  instance: byLane(sender),
  write: (exchange: RegisterExchange<Mlx5Device>) => write(sender, exchange),
  compute: (exchange: RegisterExchange<Mlx5Device>) => compute(sender, exchange),
} as const;

const testAdmin = PPAOS.word('phy_test_mode_admin');
const testStatus = PPAOS.word('phy_test_mode_status');
const phyStatus = PPAOS.word('phy_status');
const PHY = { down: 0, up: 1, downByCommand: 2 } as const;

/** The test mode wants a port that is closed (PRM, PPAOS.phy_test_mode_admin). */
export function writePpaos({ device, input, instance: port }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const asked = testAdmin.get(input, 0);
  if (asked > 1) return REFUSAL.REGISTER_VALUE;
  const { down } = linkOf(device, port);
  return asked === 1 && down !== 'closed' && down !== 'testing' ? REFUSAL.REGISTER_VALUE : undefined;
}

export function computePpaos({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const { down } = linkOf(device, port);
  const testing = down === 'testing';
  testStatus.put(output, 0, testing ? 1 : 0);
  const up = down === undefined || (testing && locked(device, port) !== 0);
  phyStatus.put(output, 0, up ? PHY.up : down === 'closed' ? PHY.downByCommand : PHY.down);
}
