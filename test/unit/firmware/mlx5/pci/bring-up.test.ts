/** A function's states and what a driver gives it and creates, over the command queue. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { INIT_SEGMENT, NIC_STATE } from '../../../../../src/abi/mlx5/command-interface.ts';
import { EQ_STATUS, EVENT } from '../../../../../src/abi/mlx5/events.ts';
import { COMMAND_STATES, HCA_STATE } from '../../../../../src/abi/mlx5/hca-commands.ts';
import { OPCODE } from '../../../../../src/abi/mlx5/opcodes.ts';
import { STATUS } from '../../../../../src/abi/mlx5/status.ts';
import { MLX5_COMMANDS } from '../../../../../src/firmware/mlx5/commands.ts';
import { BOOT_PAGES, INIT_PAGES } from '../../../../../src/firmware/mlx5/hca/pages.ts';
import { REFUSAL } from '../../../../../src/firmware/mlx5/syndromes.ts';
import { type GuestDriver, guest } from './guest.ts';

const RING = 0x40_0000;
const ALL = BOOT_PAGES + INIT_PAGES;
const id24 = (number: number) => (view: DataView) => view.setUint32(8, number);
const events = (...types: number[]) => types.reduce((mask, type) => mask | (1n << BigInt(type)), 0n);

function refused(driver: GuestDriver, name: keyof typeof OPCODE, options = {}): number {
  const { status, syndrome } = driver.command(OPCODE[name], options);
  assert.notEqual(status, 0, name);
  return syndrome;
}

describe('the states of a function', () => {
  it('are those in which mlx5_core brings it up and down, all pages given and taken back', () => {
    const { driver } = guest();
    for (let cycle = 0; cycle < 3; cycle++) {
      driver.beginQueue();
      driver.must(driver.command(OPCODE.ENABLE_HCA, { out: 12 }));
      assert.equal(driver.must(driver.command(OPCODE.QUERY_ISSI, { out: 112 })).view.getUint16(10), 0);
      driver.must(driver.command(OPCODE.SET_ISSI, { fill: (view) => view.setUint16(10, 1) }));
      assert.equal(driver.must(driver.command(OPCODE.QUERY_ISSI, { out: 112 })).view.getUint16(10), 1);
      assert.equal(driver.pagesWanted(1), BOOT_PAGES);
      driver.must(driver.givePages(BOOT_PAGES));
      assert.equal(driver.pagesWanted(1), 0);
      assert.equal(driver.pagesWanted(2), INIT_PAGES);
      assert.equal(refused(driver, 'INIT_HCA', { in: 32 }), REFUSAL.PAGES_MISSING.syndrome);
      driver.must(driver.givePages(INIT_PAGES));
      driver.must(driver.command(OPCODE.INIT_HCA, { in: 32 }));
      driver.must(driver.command(OPCODE.QUERY_SPECIAL_CONTEXTS, { out: 32 }));
      driver.must(driver.command(OPCODE.TEARDOWN_HCA));
      assert.equal(driver.takePages(1000) + driver.takePages(1000) + driver.takePages(1000), ALL);
      assert.equal(driver.takePages(1), 0);
      driver.must(driver.command(OPCODE.DISABLE_HCA, { out: 12 }));
    }
  });

  it('take what the table says, and refuse the rest with BAD_SYS_STATE', () => {
    const reach: Record<number, (driver: GuestDriver) => void> = {
      [HCA_STATE.powerUp]: (driver) => driver.beginQueue(),
      [HCA_STATE.enabled](driver) {
        driver.beginQueue();
        driver.must(driver.command(OPCODE.ENABLE_HCA, { out: 12 }));
      },
      [HCA_STATE.init]: (driver) => driver.bringUp(),
      [HCA_STATE.tornDown](driver) {
        driver.bringUp();
        driver.must(driver.command(OPCODE.TEARDOWN_HCA));
      },
    };
    const { driver } = guest();
    for (const [state, reached] of Object.entries(reach)) {
      for (const row of MLX5_COMMANDS.rows) {
        driver.pci.reset();
        reached(driver);
        const asked = { opMod: row.opMod[0], in: row.minIn, out: row.minOut };
        const { syndrome } = driver.command(row.opcode, asked);
        const taken = (row.states & Number(state)) !== 0;
        assert.equal(syndrome !== REFUSAL.HCA_STATE.syndrome, taken, `${row.name} in ${state}`);
      }
    }
    for (const name of Object.keys(COMMAND_STATES)) assert.ok(MLX5_COMMANDS.rows.some((row) => row.name === name));
  });

  it('refuse pages that are none or were given, an unknown step, and other functions', () => {
    const { driver } = guest();
    driver.beginQueue();
    driver.must(driver.command(OPCODE.ENABLE_HCA, { out: 12 }));
    const give = (...addresses: bigint[]) => ({
      opMod: 1,
      in: 16 + addresses.length * 8,
      fill(view: DataView) {
        view.setUint32(12, addresses.length);
        addresses.forEach((at, i) => {
          view.setBigUint64(16 + i * 8, at);
        });
      },
    });
    driver.must(driver.command(OPCODE.MANAGE_PAGES, give(0x5000n)));
    for (const pages of [[0x5000n], [0x6000n, 0x6000n], [0x6001n]]) {
      assert.equal(refused(driver, 'MANAGE_PAGES', give(...pages)), REFUSAL.PAGES.syndrome);
    }
    assert.equal(driver.pagesWanted(1), BOOT_PAGES - 1, 'of a refused list none is taken');
    assert.equal(
      refused(driver, 'MANAGE_PAGES', { opMod: 1, fill: (view: DataView) => view.setUint32(12, 1) }),
      REFUSAL.REQUEST_TOO_SHORT.syndrome,
    );
    assert.equal(
      refused(driver, 'SET_ISSI', { fill: (view: DataView) => view.setUint16(10, 2) }),
      REFUSAL.ISSI.syndrome,
    );
    assert.equal(
      refused(driver, 'MANAGE_PAGES', { opMod: 2, fill: (view: DataView) => view.setUint16(10, 1) }),
      REFUSAL.OTHER_FUNCTION.syndrome,
    );
  });

  it('own capabilities are set before INIT_HCA, and are the profile again after DISABLE_HCA', () => {
    const { driver, firmware } = guest();
    driver.beginQueue();
    driver.must(driver.command(OPCODE.ENABLE_HCA, { out: 12 }));
    const most = driver.must(driver.command(OPCODE.QUERY_HCA_CAP, { opMod: 0, out: 4112 })).bytes;
    const now = () => driver.must(driver.command(OPCODE.QUERY_HCA_CAP, { opMod: 1, out: 4112 })).bytes;
    const before = now();
    const asked = before.slice();
    // log_max_qp (bit 155, 5 bits): one less
    asked[16 + 19] = (before[16 + 19] ?? 0) - 1;
    const set = { in: 4112, fill: (_: DataView, bytes: Uint8Array) => bytes.set(asked.subarray(16), 16) };
    driver.must(driver.command(OPCODE.SET_HCA_CAP, set));
    assert.deepEqual(now(), asked);
    asked[16 + 19] = 0xff;
    assert.ok(most.length === 4112);
    assert.equal(refused(driver, 'SET_HCA_CAP', set), REFUSAL.CAP_SET_FIELD.syndrome);
    driver.must(driver.command(OPCODE.DISABLE_HCA, { out: 12 }));
    driver.must(driver.command(OPCODE.ENABLE_HCA, { out: 12 }));
    assert.deepEqual(now(), before);
    assert.equal(firmware.openUctxs, 0);
  });

  it('QUERY_DRIVER_VERSION says what was set', () => {
    const { driver } = guest();
    driver.bringUp();
    const version = () => Buffer.from(driver.command(OPCODE.QUERY_DRIVER_VERSION, { out: 80 }).bytes.subarray(16));
    assert.equal(version().toString('latin1').replace(/\0+$/, ''), '');
    const text = Buffer.from('Linux,mlx5_core,7.003.000004');
    driver.must(driver.command(OPCODE.SET_DRIVER_VERSION, { in: 80, fill: (_, bytes) => bytes.set(text, 16) }));
    assert.equal(version().toString('latin1').replace(/\0+$/, ''), text.toString());
  });

  it('a teardown by force and a fast one end it too, other profiles are refused', () => {
    const profile = (number: number) => ({ fill: (view: DataView) => view.setUint16(10, number) });
    const { driver } = guest();
    driver.bringUp();
    assert.equal(refused(driver, 'TEARDOWN_HCA', profile(3)), REFUSAL.TEARDOWN_PROFILE.syndrome);
    driver.must(driver.command(OPCODE.TEARDOWN_HCA, profile(1)));
    assert.equal(driver.takePages(3000), ALL);
    const fast = guest().driver;
    fast.bringUp();
    assert.equal(fast.must(fast.command(OPCODE.TEARDOWN_HCA, profile(2))).view.getUint32(12) & 1, 0);
    fast.write(INIT_SEGMENT.commandQueueLow, NIC_STATE.disabled << 8);
    assert.equal((fast.read(INIT_SEGMENT.commandQueueLow) >> 8) & 7, NIC_STATE.disabled);
    fast.bringUp();
  });
});

describe('what a driver creates', () => {
  it('UARs, protection domains and VXLAN ports are numbers that are given and come back', () => {
    const { driver } = guest();
    driver.bringUp();
    assert.deepEqual([driver.allocUar(), driver.allocUar()], [128, 129]);
    driver.must(driver.command(OPCODE.DEALLOC_UAR, { fill: id24(128) }));
    assert.equal(refused(driver, 'DEALLOC_UAR', { fill: id24(128) }), REFUSAL.OBJECT_UNKNOWN.syndrome);
    assert.equal(driver.allocUar(), 128);
    const pd = driver.must(driver.command(OPCODE.ALLOC_PD)).view.getUint32(8);
    assert.equal(pd, 3, 'behind those of the world');
    driver.must(driver.command(OPCODE.DEALLOC_PD, { fill: id24(pd) }));
    assert.equal(refused(driver, 'DEALLOC_PD', { fill: id24(pd) }), REFUSAL.OBJECT_UNKNOWN.syndrome);
    const port = (view: DataView) => view.setUint16(14, 4789);
    driver.must(driver.command(OPCODE.ADD_VXLAN_UDP_DPORT, { fill: port }));
    driver.must(driver.command(OPCODE.DELETE_VXLAN_UDP_DPORT, { fill: port }));
    assert.equal(refused(driver, 'DELETE_VXLAN_UDP_DPORT', { fill: port }), REFUSAL.OBJECT_UNKNOWN.syndrome);
  });

  it('event queues have the first numbers, are what QUERY_EQ shows, and go with TEARDOWN_HCA', () => {
    const { driver, firmware } = guest();
    driver.bringUp();
    const uar = driver.allocUar();
    const numbers = [0, 1, 2].map((i) => driver.createEq(uar, RING + i * 0x10000, events(EVENT.portChange)));
    assert.deepEqual(numbers, [0, 1, 2]);
    const shown = driver.must(driver.command(OPCODE.QUERY_EQ, { out: 272, fill: (view) => view.setUint8(11, 1) }));
    assert.equal(shown.view.getUint8(16 + 12) & 31, 5);
    assert.equal(shown.view.getUint32(16 + 12) & 0xffffff, uar);
    assert.equal(shown.view.getBigUint64(88), events(EVENT.portChange));
    driver.must(driver.command(OPCODE.DESTROY_EQ, { fill: id24(1) }));
    assert.equal(refused(driver, 'DESTROY_EQ', { fill: id24(1) }), REFUSAL.OBJECT_UNKNOWN.syndrome);
    assert.equal(refused(driver, 'DESTROY_EQ', { fill: id24(19) }), REFUSAL.OBJECT_UNKNOWN.syndrome, "a channel's");
    const queues = firmware.objects.count('EQ');
    driver.must(driver.command(OPCODE.TEARDOWN_HCA));
    assert.equal(firmware.objects.count('EQ'), queues - 2);
  });

  it('an event queue of a foreign UAR, vector or size, or without its pages, is refused', () => {
    const { driver } = guest();
    driver.bringUp();
    const uar = driver.allocUar();
    const create = (logSize: number, uarPage: number, vector: number, pages: number) => ({
      in: 272 + pages * 8,
      fill(view: DataView) {
        view.setUint32(28, ((logSize << 24) | uarPage) >>> 0);
        view.setUint32(36, vector);
      },
    });
    for (const wrong of [create(5, uar + 1, 0, 1), create(5, uar, 64, 1), create(23, uar, 0, 1)]) {
      assert.equal(refused(driver, 'CREATE_EQ', wrong), REFUSAL.EQ_CONTEXT.syndrome);
    }
    assert.equal(refused(driver, 'CREATE_EQ', create(8, uar, 0, 3)), REFUSAL.REQUEST_TOO_SHORT.syndrome);
    driver.must(driver.command(OPCODE.CREATE_EQ, create(8, uar, 63, 4)));
  });

  it('memory keys: a resource dump goes to the address, by physical pages and by a list of them', () => {
    const { driver } = guest();
    driver.bringUp();
    const { machine } = driver;
    const create = (mode: number, pages: number[], start: bigint, length: bigint) =>
      driver
        .must(
          driver.command(OPCODE.CREATE_MKEY, {
            in: 272 + Math.ceil(pages.length / 2) * 16,
            fill(view) {
              // mkc: lw, lr, access mode; any QP, low byte; length64 of a physical key; start, length, list, page
              view.setUint32(16, (mode << 8) | (1 << 12) | (1 << 11));
              view.setUint32(20, 0xffffff42);
              if (mode === 0) view.setUint32(28, 0x8000_0000);
              view.setBigUint64(32, start);
              view.setBigUint64(40, length);
              view.setUint32(68, Math.ceil(pages.length / 2));
              view.setUint32(72, 12);
              view.setUint32(96, Math.ceil(pages.length / 2));
              pages.forEach((page, i) => {
                view.setBigUint64(272 + i * 8, BigInt(page) | 3n);
              });
            },
          }),
        )
        .view.getUint32(8);
    const dump = (mkey: number, address: bigint, bytes: number) =>
      driver.command(OPCODE.ACCESS_REG, {
        in: 16 + 256,
        out: 16 + 256,
        fill(view) {
          view.setUint16(10, 0xc000);
          view.setUint16(16 + 2, 0xffff);
          view.setUint32(16 + 32, mkey);
          view.setUint32(16 + 36, bytes);
          view.setBigUint64(16 + 40, address);
        },
      });
    const physical = create(0, [], 0n, 0n);
    const first = driver.must(dump((physical << 8) | 0x42, 0x60_0000n, 4096));
    const size = first.view.getUint32(16 + 36);
    assert.ok(size > 1000 && size <= 4096);
    const whole = machine.memory.slice(0x60_0000, 0x60_0000 + size);
    // The info segment: 4 dwords, of type 0xfffe; then the command.
    assert.equal(new DataView(whole.buffer).getUint16(2), 0xfffe);

    const listed = create(1, [0x62_0000, 0x61_0000], 0x7f00_0000_0e00n, 6000n);
    driver.must(dump((listed << 8) | 0x42, 0x7f00_0000_0e00n, 4096));
    const pieces = [
      machine.memory.slice(0x62_0e00, 0x62_1000),
      machine.memory.slice(0x61_0000, 0x61_0000 + size - 512),
    ];
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(whole));

    for (const [mkey, address] of [
      [(physical << 8) | 0x41, 0x60_0000n],
      [(listed << 8) | 0x42, 0x7f00_0000_0d00n],
      [(listed << 8) | 0x42, 0x7f00_0000_2500n],
      [(physical << 8) | 0x42, 1n << 60n],
      [0x99900, 0n],
    ] as const) {
      assert.equal(dump(mkey, address, 4096).syndrome, REFUSAL.MKEY_UNKNOWN.syndrome, `${mkey} ${address}`);
    }
    driver.must(driver.command(OPCODE.DESTROY_MKEY, { fill: id24(physical) }));
    assert.equal(refused(driver, 'DESTROY_MKEY', { fill: id24(physical) }), REFUSAL.OBJECT_UNKNOWN.syndrome);
    assert.equal(dump((physical << 8) | 0x42, 0x60_0000n, 4096).status, STATUS.BAD_RES);
  });

  it('a longer list of addresses than the request has is BAD_INP_LEN', () => {
    const { driver } = guest();
    driver.bringUp();
    const asked = {
      in: 272,
      fill(view: DataView) {
        view.setUint32(68, 4);
        view.setUint32(96, 4);
      },
    };
    assert.equal(refused(driver, 'CREATE_MKEY', asked), REFUSAL.REQUEST_TOO_SHORT.syndrome);
  });
});

describe('events', () => {
  it('pages are asked for once objects need them, and offered back once they do not', () => {
    const { driver } = guest();
    driver.bringUp();
    const uar = driver.allocUar();
    driver.createEq(uar, RING, events(EVENT.pageRequest));
    const asked = driver.eqe(RING, 0);
    assert.equal(asked?.type, EVENT.pageRequest);
    assert.equal(asked?.data.getInt32(4), 64);
    assert.equal(driver.pagesWanted(3), 64);
    driver.must(driver.givePages(64));
    assert.equal(driver.pagesWanted(3), 0);
    assert.equal(driver.takePages(100), 63, 'one of them holds what was created');
    driver.must(driver.givePages(200));
    driver.allocUar();
    const offered = driver.eqe(RING, 1);
    assert.equal(offered?.data.getInt32(4), -64);
    assert.equal(driver.pagesWanted(3), -64);
    assert.equal(driver.takePages(64), 64);
    assert.equal(driver.pagesWanted(3), 0);
    driver.must(driver.command(OPCODE.MANAGE_PAGES, { opMod: 0 }));
  });

  it("a port's link and its module are told of", () => {
    const { driver, firmware, pass } = guest();
    driver.bringUp();
    const uar = driver.allocUar();
    driver.createEq(uar, RING, events(EVENT.portChange, EVENT.portModule), { vector: 7 });
    pass(500);
    assert.equal(driver.eqe(RING, 0), undefined);
    firmware.liveValues().writeRegister('PAOS', undefined, 'oper_status', 2);
    pass(500);
    assert.deepEqual(driver.machine.interrupts, [7]);
    assert.deepEqual([driver.eqe(RING, 0)?.type, driver.eqe(RING, 0)?.subType], [EVENT.portChange, 1]);
    assert.equal(driver.eqe(RING, 0)?.data.getUint8(8), 0x10);
    firmware.liveValues().writeRegister('PAOS', undefined, 'oper_status', 1);
    pass(500);
    assert.deepEqual([driver.eqe(RING, 1)?.type, driver.eqe(RING, 1)?.subType], [EVENT.portChange, 4]);
    const live = firmware.liveValues();
    live.adopt({ ...live.profile, ports: { module: 'none' } });
    pass(500);
    assert.deepEqual([driver.eqe(RING, 2)?.type, driver.eqe(RING, 2)?.data.getUint8(3)], [EVENT.portModule, 2]);
    assert.equal(driver.eqe(RING, 3)?.type, EVENT.portChange);
    assert.deepEqual(driver.machine.interrupts, [7], 'not armed again');
  });

  it('interrupts come armed, or at once where something waits; the owner bit changes with each pass', () => {
    const { driver } = guest();
    driver.bringUp();
    const uar = driver.allocUar();
    const eqn = driver.createEq(uar, RING, events(EVENT.command), { logSize: 2, vector: 3 });
    const nop = () => driver.must(driver.command(OPCODE.NOP));
    for (let i = 0; i < 10; i++) {
      nop();
      assert.equal(driver.eqe(RING, i, 2)?.type, EVENT.command, `entry ${i}`);
      assert.equal(driver.eqe(RING, i, 2)?.data.getUint32(0), 1);
      driver.ringEq(uar, eqn, i + 1, i < 5);
    }
    assert.equal(driver.machine.interrupts.length, 6, 'five armed, one more of the first quiet one');
    driver.ringEq(uar, eqn, 9);
    assert.equal(driver.machine.interrupts.length, 7, 'one entry was not consumed: told at once');
  });

  it('a queue that is full overflows, and has no more', () => {
    const { driver } = guest();
    driver.bringUp();
    const uar = driver.allocUar();
    driver.createEq(uar, RING, events(EVENT.command), { logSize: 2 });
    for (let i = 0; i < 6; i++) driver.must(driver.command(OPCODE.NOP));
    assert.equal(driver.eqe(RING, 3, 2)?.type, EVENT.command);
    const shown = driver.must(driver.command(OPCODE.QUERY_EQ, { out: 272 }));
    assert.equal(shown.view.getUint8(16) >> 4, EQ_STATUS.overflow);
  });
});
