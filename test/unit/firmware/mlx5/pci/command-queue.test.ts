/** The command queue and the initialisation segment: what a driver may get wrong, and what it may read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DELIVERY, ENTRY, INIT_SEGMENT, MAILBOX, NIC_STATE } from '../../../../../src/abi/mlx5/command-interface.ts';
import { EVENT } from '../../../../../src/abi/mlx5/events.ts';
import { OPCODE } from '../../../../../src/abi/mlx5/opcodes.ts';
import { xor8 } from '../../../../../src/firmware/mlx5/pci/mailboxes.ts';
import { type GuestDriver, guest } from './guest.ts';

function up() {
  const made = guest();
  made.driver.bringUp();
  return made;
}

const caps = { opMod: 1, out: 4112 };

describe('the command queue', () => {
  it('carries commands of any length both ways', () => {
    const { driver } = up();
    const whole = driver.must(driver.command(OPCODE.QUERY_HCA_CAP, caps)).bytes;
    assert.ok(whole.subarray(16).some((byte) => byte !== 0));
    const cut = driver.must(driver.command(OPCODE.QUERY_HCA_CAP, { opMod: 1, out: 272 + 16 })).bytes;
    assert.deepEqual(cut.subarray(16), whole.subarray(16, 288));
    driver.must(
      driver.command(OPCODE.SET_HCA_CAP, { in: 4112, fill: (_, bytes) => bytes.set(whole.subarray(16), 16) }),
    );
  });

  it('says how a delivery went wrong', () => {
    const { driver } = up();
    const { memory, view } = driver.machine;
    const spoilt: [number, (entry: number, mailbox: number) => void][] = [
      [DELIVERY.descriptor, (entry) => (memory[entry + ENTRY.type] = 1)],
      [DELIVERY.token, (_, mailbox) => (memory[mailbox + MAILBOX.token] = 0)],
      [DELIVERY.blockNumber, (_, mailbox) => view.setUint32(mailbox + MAILBOX.number, 1)],
      [DELIVERY.inPointer, (entry) => view.setBigUint64(entry + ENTRY.inPointer, 0x123n)],
      [DELIVERY.inPointer, (entry) => view.setBigUint64(entry + ENTRY.inPointer, 1n << 62n)],
      [DELIVERY.outPointer, (entry) => view.setBigUint64(entry + ENTRY.outPointer, 1n << 40n)],
      [DELIVERY.inLength, (entry) => view.setUint32(entry + ENTRY.inLength, 0x7fff_ffff)],
      [DELIVERY.inLength, (entry) => view.setUint32(entry + ENTRY.inLength, 8)],
      [DELIVERY.outLength, (entry) => view.setUint32(entry + ENTRY.outLength, 0xffff_ffff)],
    ];
    for (const [delivery, spoil] of spoilt) {
      const asked = { in: 80, out: 4112, opMod: 1, spoil };
      assert.equal(driver.command(OPCODE.QUERY_HCA_CAP, asked).delivery, delivery, String(spoil));
    }
    driver.must(driver.command(OPCODE.QUERY_HCA_CAP, caps));
  });

  it('checks signatures where the driver has asked for them, and always signs its entry', () => {
    const { driver } = up();
    const signatureOf = (at: number, bytes: number) => xor8(driver.machine.memory.subarray(at, at + bytes));
    driver.must(driver.command(OPCODE.NOP));
    assert.equal(signatureOf(0x10_0000, ENTRY.bytes), 0xff);
    const on = (bytes: Uint8Array) => {
      // cmdif_checksum: bit 528, 2 bits
      bytes[16 + 66] = 0x40;
    };
    const current = driver.must(driver.command(OPCODE.QUERY_HCA_CAP, caps)).bytes;
    const set = {
      in: 4112,
      fill(_: DataView, bytes: Uint8Array) {
        bytes.set(current.subarray(16), 16);
        on(bytes);
      },
    };
    const { driver: plain } = up();
    assert.equal(plain.command(OPCODE.SET_HCA_CAP, set).status, 3, 'this profile cannot');
    const able = guest();
    able.firmware.liveValues().adopt({
      ...able.firmware.liveValues().profile,
      caps: { ...able.firmware.liveValues().profile.caps, GENERAL: { ...generalOf(able), cmdif_checksum: 1 } },
    });
    const signing = able.driver;
    signing.bringUp();
    const all = signing.must(signing.command(OPCODE.QUERY_HCA_CAP, caps)).bytes;
    signing.must(
      signing.command(OPCODE.SET_HCA_CAP, { in: 4112, fill: (_, bytes) => bytes.set(all.subarray(16), 16) }),
    );
    signing.must(signing.command(OPCODE.QUERY_HCA_CAP, { ...caps, signed: true }));
    const block = 0x20_0000 + 0x20000;
    const written = signing.machine.memory.subarray(block, block + MAILBOX.bytes);
    assert.equal(xor8(written), 0xff);
    assert.equal(xor8(written.subarray(MAILBOX.reserved, MAILBOX.signature)), 0xff);
    assert.equal(signing.command(OPCODE.SET_HCA_CAP, { in: 4112 }).delivery, DELIVERY.signature);
    const entry = { spoil: (at: number) => (signing.machine.memory[at + ENTRY.signature] = ENTRY.bytes) };
    assert.equal(signing.command(OPCODE.NOP, entry).delivery, DELIVERY.signature);
  });

  it('runs entries beside each other; one that hangs is not looked at again, and ends with a reset', () => {
    const { driver, hold } = up();
    const held = hold();
    driver.start(OPCODE.NOP, { slot: 0 });
    driver.start(OPCODE.NOP, { slot: 5 });
    driver.write(INIT_SEGMENT.commandDoorbell, 0b100001);
    assert.equal(held.length, 2);
    assert.equal(driver.reply(0).delivery, -1);
    held[1]?.();
    assert.equal(driver.reply(5).delivery, 0);
    assert.equal(driver.reply(0).delivery, -1);
    driver.pci.reset();
    held[0]?.();
    assert.equal(driver.reply(0).delivery, -1, 'what ends after a reset is told to nobody');
  });

  it('is silent without a queue, without a machine, and after a reset', () => {
    const { driver } = guest();
    driver.write(INIT_SEGMENT.commandDoorbell, 0xffff_ffff);
    driver.beginQueue(0x7fff_f000);
    driver.write(INIT_SEGMENT.commandDoorbell, 0xffff_ffff);
    driver.pci.attach(undefined);
    driver.write(INIT_SEGMENT.commandDoorbell, 1);
    assert.deepEqual(driver.machine.interrupts, []);
  });

  it('a reset of the function forgets what its driver made, and keeps what the card has', () => {
    const { driver, firmware } = up();
    const uar = driver.allocUar();
    driver.createEq(uar, 0x40_0000, 1n << BigInt(EVENT.command));
    firmware.liveValues().writeRegister('MTMP', undefined, 'temperature', 777);
    driver.pci.reset();
    assert.equal(firmware.objects.get('EQ', 0), undefined);
    driver.ringEq(uar, 0, 0);
    driver.bringUp();
    assert.equal(driver.allocUar(), uar);
    assert.equal(Number(firmware.liveValues().readRegister('MTMP', {}).temperature), 777);
  });
});

describe('the initialisation segment', () => {
  const version = (driver: GuestDriver) => driver.read(INIT_SEGMENT.cmdifRev) >>> 16;

  it('has what mlx5_core reads before it sends a command', () => {
    const { driver, pass } = guest();
    assert.equal(version(driver), 5);
    assert.equal(driver.read(INIT_SEGMENT.initializing) >>> 31, 0);
    assert.equal(driver.read(INIT_SEGMENT.commandQueueLow) & 0xff, 0x56);
    assert.notEqual(driver.read(INIT_SEGMENT.initTimeout), 0);
    assert.notEqual(driver.read(INIT_SEGMENT.commandTimeout), 0);
    const beat = driver.read(INIT_SEGMENT.healthCounter);
    const time = driver.read(INIT_SEGMENT.timerLow);
    pass(1000);
    assert.notEqual(driver.read(INIT_SEGMENT.healthCounter), beat);
    assert.equal(driver.read(INIT_SEGMENT.timerLow) - time, 1_000_000_000);
    assert.equal(driver.read(INIT_SEGMENT.realTimeHigh), 1_700_000_000);
    assert.equal(driver.read(INIT_SEGMENT.realTimeLow), 250_000_000);
    const byte = new Uint8Array(1);
    driver.pci.read(INIT_SEGMENT.cmdifRev + 1, byte);
    assert.equal(byte[0], 5);
  });

  it('has the bytes of a dword of one moment, however fast its clock is', () => {
    const { driver, tick } = guest();
    const step = 0x10_0001;
    tick(step);
    for (let i = 0; i < 40; i++) assert.equal(driver.read(INIT_SEGMENT.timerLow) % step, 0);
  });

  it('tells of its health, and a reset by NIC state 7 is a recovery', () => {
    const { driver, firmware } = up();
    const health = () => new Uint8Array([0x38, 0x3d, 0x3f].map((at) => byteAt(driver, INIT_SEGMENT.health + at)));
    assert.deepEqual([...health()], [0, 0, 0]);
    Object.assign(firmware.health, { synd: 1, ext_synd: 0x12, severity: 2, rfr: 1, stuck: 1 });
    assert.deepEqual([...health()], [0x82, 1, 0x12]);
    driver.write(INIT_SEGMENT.commandQueueLow, NIC_STATE.swReset << 8);
    assert.equal((driver.read(INIT_SEGMENT.commandQueueLow) >> 8) & 7, NIC_STATE.disabled);
    assert.deepEqual([...health()], [0, 0, 0]);
    driver.bringUp();
    assert.equal((driver.read(INIT_SEGMENT.commandQueueLow) >> 8) & 7, NIC_STATE.full);
  });

  it('takes any access anywhere', () => {
    const { driver } = up();
    for (const offset of [0, 1, 0x13, 0x14, 0x1ff0, 0x2000, 0x80040, 0x80041, driver.pci.barBytes - 8]) {
      for (const bytes of [1, 2, 3, 4, 8]) {
        driver.pci.read(offset, new Uint8Array(bytes));
        if (offset !== 0x14 && offset !== 0x13) driver.pci.write(offset, new Uint8Array(bytes).fill(0xff));
      }
    }
    driver.must(driver.command(OPCODE.NOP));
  });
});

function byteAt(driver: GuestDriver, at: number): number {
  const byte = new Uint8Array(1);
  driver.pci.read(at, byte);
  return byte[0] ?? 0;
}

function generalOf({ firmware }: ReturnType<typeof guest>) {
  return firmware.liveValues().profile.caps.GENERAL ?? {};
}
