/** Update, activation, reset: MCQS, MCQI, MCC, MCDA, MIRC, MFRL, MROQ, MVTS, and what a power cycle makes of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FieldInput, Layout } from '../../../../src/abi/bits.ts';
import { bootImageInfo } from '../../../../src/abi/mlx5/boot-image.ts';
import { configurationItems } from '../../../../src/abi/mlx5/nv/configuration-file.ts';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { MCC } from '../../../../src/abi/mlx5/registers/mcc.ts';
import { MCDA } from '../../../../src/abi/mlx5/registers/mcda.ts';
import { MCQI } from '../../../../src/abi/mlx5/registers/mcqi.ts';
import { MCQS } from '../../../../src/abi/mlx5/registers/mcqs.ts';
import { MFRL } from '../../../../src/abi/mlx5/registers/mfrl.ts';
import { MGIR } from '../../../../src/abi/mlx5/registers/mgir.ts';
import { MIRC } from '../../../../src/abi/mlx5/registers/mirc.ts';
import { MNVDA } from '../../../../src/abi/mlx5/registers/mnvda.ts';
import { MROQ } from '../../../../src/abi/mlx5/registers/mroq.ts';
import { MVTS } from '../../../../src/abi/mlx5/registers/mvts.ts';
import { REFUSAL } from '../../../../src/firmware/mlx5/syndromes.ts';
import { type Rig, rig } from './rig.ts';

type Fields = Readonly<Record<string, FieldInput>>;
type Values = Record<string, unknown> & { readonly bytes: Uint8Array };

function read(machine: Rig, layout: Layout, fields: Fields = {}): Values {
  const answer = machine.readRegister(laidOut(layout).id, layout.encode(fields), 16 + layout.bytes);
  assert.deepEqual([answer.status, answer.syndrome], [0, 0]);
  return { ...layout.decode(answer.data), bytes: answer.bytes.subarray(16) };
}
const readRefused = (machine: Rig, layout: Layout, fields: Fields) =>
  machine.readRegister(laidOut(layout).id, layout.encode(fields)).syndrome;
/** The syndrome; 0: it was taken. */
const write = (machine: Rig, layout: Layout, fields: Fields) =>
  machine.writeRegister(laidOut(layout).id, layout.encode(fields)).syndrome;

const instruct = (machine: Rig, instruction: number, fields: Fields = {}) =>
  write(machine, MCC, { instruction, ...fields });
const state = (machine: Rig) => {
  const { control_state, update_handle, error_code } = read(machine, MCC);
  return [Number(control_state), Number(update_handle), Number(error_code)] as const;
};

/** Lock, update, verify; leaves the handle locked. Control state and error then. */
function offer(machine: Rig, component_index: number, content: Uint8Array): readonly number[] {
  assert.equal(instruct(machine, 1), 0);
  const [, update_handle] = state(machine);
  assert.equal(instruct(machine, 3, { update_handle, component_index, component_size: content.length }), 0);
  if (state(machine)[0] !== 3) return state(machine);
  for (let offset = 0; offset < content.length; offset += 128) {
    const size = Math.min(128, content.length - offset);
    // Each dword is a little-endian host's number.
    const data = new Uint8Array((size + 3) & ~3);
    data.set(content.subarray(offset, offset + size));
    for (let at = 0; at < data.length; at += 4) data.subarray(at, at + 4).reverse();
    assert.equal(write(machine, MCDA, { update_handle, offset, size, data }), 0);
  }
  assert.equal(instruct(machine, 4, { update_handle, component_index }), 0);
  return state(machine);
}

function burn(machine: Rig, content: Uint8Array, component_index = 0): void {
  offer(machine, component_index, content);
  const [, update_handle] = state(machine);
  for (const instruction of [6, 2]) assert.equal(instruct(machine, instruction, { update_handle }), 0);
}

function versions(machine: Rig): readonly string[] {
  const version = (read_pending_component: number) => {
    const { bytes } = read(machine, MCQI, { info_type: 1, data_size: 124, read_pending_component });
    return Buffer.from(bytes.subarray(24 + 32))
      .toString('latin1')
      .replace(/\0.*$/s, '');
  };
  return [version(0), version(1)];
}

/** Off and on again, with what outlives it. */
function powerCycle(machine: Rig): Rig {
  const next = rig();
  next.firmware.restoreState(JSON.parse(JSON.stringify(machine.firmware.saveState())));
  return next;
}

/** An FS4 image of nothing but a table of contents and IMAGE_INFO. */
function image(psid = 'MT_0000000359'): Uint8Array {
  const bytes = new Uint8Array(0x3000);
  const view = new DataView(bytes.buffer);
  const signature = [0x49544f43, 0x04081516, 0x2342cafa, 0xbacafe00];
  for (const [i, word] of signature.entries()) view.setUint32(0x1000 + i * 4, word);
  view.setUint32(0x1020, 0x0300_0000);
  view.setUint32(0x1040, 0x1000_0400);
  view.setUint32(0x1054, 0x2000);
  view.setUint8(0x1060, 0xff);
  view.setUint16(0x2004, 22);
  view.setUint16(0x2008, 45);
  view.setUint16(0x200a, 1020);
  view.setUint32(0x2010, 0x2025_0131);
  bytes.set(Buffer.from(psid, 'latin1'), 0x2024);
  return bytes;
}

/** A file of create_conf's with one TLV. */
function configuration(type: number, data: readonly number[]): Uint8Array {
  const header = MNVDA.encode({
    'configuration_item_header.type': type,
    'configuration_item_header.length': data.length,
  });
  return Uint8Array.from([...Buffer.from('MLNX.CONFIG.BIN!'), ...header.subarray(0, 12), ...data]);
}

describe('the components of an update', () => {
  it('are listed up to the last, the boot image first with its version', () => {
    const machine = rig({ 'identity.fw_version': '22.40.1234' });
    const listed: unknown[] = [];
    for (let component_index = 0; ; component_index++) {
      const { identifier, last_index_flag } = read(machine, MCQS, { component_index });
      listed.push(identifier);
      if (last_index_flag === 1) break;
    }
    assert.deepEqual(listed, [1, 4, 5, 6, 7]);
    assert.equal(readRefused(machine, MCQS, { component_index: 5 }), REFUSAL.REGISTER_SELECTOR.syndrome);
    assert.deepEqual(versions(machine), ['22.40.1234', '22.40.1234']);
    const part = read(machine, MCQI, { info_type: 1, offset: 32, data_size: 5 });
    assert.equal(Buffer.from(part.bytes.subarray(24)).toString('latin1').replace(/\0+$/, ''), '22.40');
    const noFirmware = { component_index: 1, info_type: 1 };
    assert.equal(readRefused(machine, MCQI, noFirmware), REFUSAL.REGISTER_SELECTOR.syndrome);
  });
});

describe('an update', () => {
  it('locks, downloads, verifies, activates, releases', () => {
    const machine = rig();
    const busy = REFUSAL.UPDATE_STATE.syndrome;
    assert.equal(write(machine, MCDA, { update_handle: 0, size: 4 }), busy);
    const [, offered] = state(machine);
    assert.equal(instruct(machine, 1, { update_handle: offered + 1 }), busy);
    assert.equal(instruct(machine, 1, { update_handle: offered }), 0);
    assert.equal(instruct(machine, 1), busy, 'locked by one');
    const [locked, handle] = state(machine);
    assert.deepEqual([locked, handle], [1, offered], 'by the handle that was told before');
    assert.equal(instruct(machine, 3, { update_handle: handle + 1, component_size: 256 }), busy);
    assert.equal(instruct(machine, 3, { update_handle: handle, component_size: 256 }), 0);
    assert.equal(read(machine, MCQS).component_update_state, 1);
    assert.equal(write(machine, MCDA, { update_handle: handle, offset: 0, size: 128 }), 0);
    assert.equal(instruct(machine, 4, { update_handle: handle }), busy, 'half of it is missing');
    const outside = { update_handle: handle, offset: 192, size: 128 };
    assert.equal(write(machine, MCDA, outside), REFUSAL.REGISTER_VALUE.syndrome);
    assert.equal(write(machine, MCDA, { update_handle: handle, offset: 128, size: 128 }), 0);
    for (const instruction of [4, 6, 2]) assert.equal(instruct(machine, instruction, { update_handle: handle }), 0);
    assert.deepEqual(state(machine), [0, handle + 1, 0], 'handles are not used twice in a row');
    assert.equal(instruct(machine, 1), 0);
    assert.equal(instruct(machine, 10), 0, 'a handle that somebody left is released by force');
    assert.equal(state(machine)[0], 0);
  });

  it('changes the pending version, a power cycle the running one', () => {
    const machine = rig();
    burn(machine, image());
    assert.deepEqual(versions(machine), ['22.43.1014', '22.45.1020']);
    assert.equal(read(machine, MCQS).component_update_state, 4);
    assert.equal(read(machine, MGIR)['fw_info.extended_minor'], 43);
    const next = powerCycle(machine);
    assert.deepEqual(versions(next), ['22.45.1020', '22.45.1020']);
    assert.deepEqual([read(next, MGIR)['fw_info.extended_minor'], read(next, MGIR)['fw_info.year']], [45, 0x2025]);
    assert.equal(read(next, MCQS).component_update_state, 0);
    assert.deepEqual(versions(powerCycle(next)), versions(next), 'it stays');
  });

  it('is not taken twice before a reset, and taken back by MIRC', () => {
    const machine = rig();
    burn(machine, image());
    const [status, , error] = offer(machine, 0, image());
    assert.deepEqual([status, error], [1, 9]);
    assert.equal(instruct(machine, 2, { update_handle: state(machine)[1] }), 0);
    assert.equal(write(machine, MIRC, {}), 0);
    assert.equal(read(machine, MIRC).status_code, 0);
    assert.deepEqual(versions(machine), ['22.43.1014', '22.43.1014']);
    burn(machine, image());
    assert.deepEqual(versions(machine), ['22.43.1014', '22.45.1020']);
  });

  it('of another board’s image is refused; cancelled, nothing is left of it', () => {
    const machine = rig();
    const [at, handle, error] = offer(machine, 0, image('MT_0000000838'));
    assert.deepEqual([at, error], [4, 3]);
    assert.equal(instruct(machine, 6, { update_handle: handle ?? 0 }), REFUSAL.UPDATE_STATE.syndrome);
    assert.equal(instruct(machine, 8, { update_handle: handle ?? 0 }), 0);
    for (const instruction of [6, 2]) assert.equal(instruct(machine, instruction, { update_handle: handle ?? 0 }), 0);
    assert.deepEqual(versions(machine), ['22.43.1014', '22.43.1014']);
    assert.deepEqual(machine.firmware.saveState(), rig().firmware.saveState());
  });

  it('takes any bytes for the next version, there being no image to have', () => {
    const machine = rig();
    burn(machine, new Uint8Array(1000).fill(7));
    assert.deepEqual(versions(machine), ['22.43.1014', '22.43.1015']);
  });

  it('of a configuration sets its TLVs for the next power-up', () => {
    const machine = rig();
    burn(machine, configuration(6, [1, 2, 3, 4]), 2);
    const saved = machine.firmware.saveState();
    assert.deepEqual(saved.nv, { '0x00000006': '01020304' });
    assert.equal(saved.firmware, undefined);
    const refused = (content: Uint8Array, index: number) => {
      const [at, update_handle = 0, error] = offer(machine, index, content);
      assert.equal(instruct(machine, 2, { update_handle }), 0);
      return [at, error];
    };
    assert.deepEqual(refused(Uint8Array.from([1, 2, 3, 4]), 1), [4, 8], 'no such file');
    assert.deepEqual(refused(configuration(6, [1, 2]), 1), [4, 3], 'another size');
    assert.deepEqual(refused(configuration(6, [1, 2, 3, 4]), 3), [4, 5], 'a token that nobody has signed');
  });

  it('by any instructions stands in a known state, and its content comes by a whole, verified download only', () => {
    const step = fc.oneof(
      fc.record({ instruction: fc.nat({ max: 12 }), component_index: fc.nat({ max: 5 }), component_size: fc.nat(300) }),
      fc.record({ offset: fc.nat({ max: 300 }), size: fc.nat({ max: 160 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const machine = rig();
        let verified = false;
        for (const one of steps) {
          const [, update_handle] = state(machine);
          const before = versions(machine)[1];
          if ('instruction' in one) {
            const taken = instruct(machine, one.instruction, { ...one, update_handle }) === 0;
            if (versions(machine)[1] !== before)
              assert.ok(verified && (one.instruction === 5 || one.instruction === 6));
            if (taken) verified = one.instruction === 4 && state(machine)[2] === 0;
          } else {
            const data = new Uint8Array(Math.min(128, one.size));
            write(machine, MCDA, { ...one, update_handle, data });
            assert.equal(versions(machine)[1], before);
          }
          assert.ok([0, 1, 3, 4].includes(state(machine)[0]));
          assert.notEqual(state(machine)[1], 0, 'there is a handle always');
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('what an update reads', () => {
  it('says nothing of bytes that are none of it, and never fails', () => {
    assert.deepEqual(bootImageInfo(image()), { version: '22.45.1020', date: '2025-01-31', psid: 'MT_0000000359' });
    const base = image();
    fc.assert(
      fc.property(fc.nat(base.length), fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255))), (length, changes) => {
        const bytes = base.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const info = bootImageInfo(bytes);
        assert.ok(info === undefined || /^\d+\.\d+\.\d+$/.test(info.version));
        const items = configurationItems(
          Uint8Array.from([...Buffer.from('MLNX.CONFIG.BIN!'), ...bytes.subarray(0, 99)]),
        );
        for (const [, data] of items ?? []) assert.ok(data.length <= 99);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a reset', () => {
  it('is told by what the card can do, whatever was written', () => {
    const machine = rig();
    const before = read(machine, MFRL);
    assert.deepEqual([before.reset_trigger, before.reset_type], [0x48, 1]);
    assert.equal(write(machine, MFRL, { reset_trigger: 0x48 }), 0);
    assert.deepEqual(read(machine, MFRL), before);
    assert.equal(write(machine, MFRL, { reset_trigger: 1 }), REFUSAL.REGISTER_VALUE.syndrome, 'no live patch');
    assert.equal(write(machine, MFRL, { reset_trigger: 8, rst_type_sel: 1 }), REFUSAL.REGISTER_VALUE.syndrome);
    assert.equal(write(machine, MFRL, { pci_sync_for_fw_update_resp: 1 }), 0, 'the driver’s answer');
  });

  it('restarts the device when a synchronised PCI reset is asked for; everything else waits', () => {
    const asked: string[] = [];
    const machine = rig({}, undefined, { place: '0000:00:0a.0', restart: (place) => asked.push(place) });
    assert.equal(write(machine, MFRL, { reset_trigger: 8 }), 0, 'the tool toggles the link');
    assert.equal(write(machine, MFRL, { reset_trigger: 0x40, pci_sync_for_fw_update_start: 1 }), 0, 'the host reboots');
    assert.deepEqual(asked, []);
    assert.equal(write(machine, MFRL, { reset_trigger: 8, pci_sync_for_fw_update_start: 1 }), 0);
    assert.deepEqual(asked, ['0000:00:0a.0']);
  });

  it('has its ways in MROQ, by type', () => {
    const machine = rig();
    const { query_is_valid, reset_trigger, pci_sync_for_fw_update_start } = read(machine, MROQ, { reset_type: 0 });
    assert.deepEqual([query_is_valid, reset_trigger, pci_sync_for_fw_update_start], [1, 0x48, 3]);
    for (const reset_type of [1, 7, 0xff]) {
      const answer = read(machine, MROQ, { reset_type });
      assert.deepEqual([answer.query_is_valid, answer.reset_trigger, answer.reset_type], [0, 0, reset_type]);
    }
  });
});

describe('MVTS', () => {
  const year = (machine: Rig, running_flag: number) => read(machine, MVTS, { running_flag }).ts_year;

  it('is set for the next firmware, runs after a power cycle, and is cleared of both', () => {
    const machine = rig();
    assert.equal(write(machine, MVTS, { ts_year: 0x2026, fw_version_major: 22 }), 0);
    assert.deepEqual([year(machine, 0), year(machine, 1)], [0x2026, 0]);
    const next = powerCycle(machine);
    assert.deepEqual([year(next, 0), year(next, 1)], [0x2026, 0x2026]);
    assert.equal(write(next, MVTS, { ts_year: 0x2027, check_timestamp_flag: 1 }), 0);
    assert.equal(year(next, 0), 0x2026, 'only asked');
    assert.equal(write(next, MVTS, { clear_all_ts_flag: 1 }), 0);
    assert.deepEqual([year(next, 0), year(next, 1)], [0, 0]);
  });
});
