/**
 * The cards' non-volatile configuration against what tools printed of real ones: read by registers, decoded and chosen
 * as mstconfig does it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mlx5DeviceProfile } from '../../../../src/abi/mlx5/device-profile.ts';
import { NV_TLVS } from '../../../../src/abi/mlx5/nv/tlvs.ts';
import { laidOut } from '../../../../src/abi/mlx5/registers/layouts.ts';
import { MGIR } from '../../../../src/abi/mlx5/registers/mgir.ts';
import { MNVDA } from '../../../../src/abi/mlx5/registers/mnvda.ts';
import { MNVQC } from '../../../../src/abi/mlx5/registers/mnvqc.ts';
import { bluefield3 } from '../../../../src/devices/mlx5/bluefield3.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { connectx7 } from '../../../../src/devices/mlx5/connectx7.ts';
import { DEVICE_PROFILES } from '../../../../src/devices/mlx5/profiles.ts';
import { type NvView, offeredParameters } from '../../../../src/firmware/mlx5/nv/offered-parameters.ts';
import { rig } from '../../firmware/mlx5/rig.ts';
import { BLUEFIELD3_DIFFERENCES, CONNECTX6DX_LISTING, NOT_BLUEFIELD3 } from './nv-listings.ts';

const HEADER = 'configuration_item_header';

/** The configuration as a client sees it. */
function asked(profile: Mlx5DeviceProfile, overrides: Record<string, number> = {}): NvView {
  const machine = rig(overrides, profile);
  const supported = (type: number) => {
    const { data } = machine.readRegister(laidOut(MNVQC).id, MNVQC.encode({ type }));
    return MNVQC.get(data, 'support_rd') === 1 ? Number(MNVQC.get(data, 'version')) : undefined;
  };
  return {
    ports: Number(MGIR.get(machine.readRegister(laidOut(MGIR).id, new Uint8Array(160)).data, 'hw_info.num_ports')),
    read(type, mode) {
      if (supported(type) === undefined) return undefined;
      const access_mode = ['next', 'current', 'factory'].indexOf(mode);
      const request = MNVDA.encode({ [`${HEADER}.type`]: type, [`${HEADER}.access_mode`]: access_mode });
      const { data, status } = machine.readRegister(laidOut(MNVDA).id, request, 16 + MNVDA.bytes);
      assert.equal(status, 0);
      const bytes = Number(MNVDA.get(data, `${HEADER}.length`));
      return new Uint8Array(data.buffer, data.byteOffset + 12, bytes).slice();
    },
    version: ({ typeClass, index }) => supported(typeClass * 2 ** 24 + (typeClass === 1 ? 1 << 16 : 0) + index) ?? 0,
  };
}

const shown = (profile: Mlx5DeviceProfile, overrides?: Record<string, number>) =>
  new Map([...offeredParameters(asked(profile, overrides))].map(([name, value]) => [name, String(value)]));

function assertShown(card: ReadonlyMap<string, string>, name: string, value: string): void {
  assert.ok(card.has(name), name);
  if (value !== 'A') assert.equal(card.get(name), value, name);
}
const firstPort = (name: string) => name.replace(/_P2$/, '_P1');

/**
 * Shown of our cards and not in the listings: parameters that mstflint's data base b9d9e844 offers for any device with
 * their TLV, younger than the tools that printed the listings.
 */
const YOUNGER = [
  'TPH_STEERING_TAG_TABLE',
  'PCI_SWITCH_EMULATION_NUM_TLP_PORT',
  'ROCE_CC_RTT_TIMESTAMP_FORMAT',
  'ROCE_CC_CNP_MODERATION_P1',
  'CNP_DSCP_MODE_P1',
  'PF_SD_GROUP',
];

describe('the non-volatile configuration of a ConnectX-6 Dx', () => {
  const card = shown(connectx6dx);

  it('has the 140 names of the listing with their values, no exception', () => {
    assert.equal(CONNECTX6DX_LISTING.size, 140);
    for (const [name, value] of CONNECTX6DX_LISTING) assertShown(card, name, value);
  });

  it('has the 45 of the second port, like their twins', () => {
    const second = [...card.keys()].filter((name) => name.endsWith('_P2') && CONNECTX6DX_LISTING.has(firstPort(name)));
    assert.equal(second.length, 45);
    for (const name of second) assert.equal(card.get(name), card.get(firstPort(name)), name);
  });

  it('has no other but what the data base offers of any such card', () => {
    const others = [...card.keys()].filter((name) => !CONNECTX6DX_LISTING.has(firstPort(name)));
    assert.deepEqual([...new Set(others.map(firstPort))].sort(), [...YOUNGER].sort());
  });

  it('offers by condition: advanced settings bring MAX_ACC_OUT_READ, a VPI card LINK_TYPE', () => {
    assert.equal(card.has('MAX_ACC_OUT_READ'), false);
    assert.equal(shown(connectx6dx, { 'nv.ADVANCED_PCI_SETTINGS': 1 }).has('MAX_ACC_OUT_READ'), true);
    assert.equal(card.has('LINK_TYPE_P1'), false);
    const vpi = { ...connectx6dx, nv: { ...connectx6dx.nv, nv_vpi_link_type: { LINK_TYPE: 2 } } };
    assert.equal(shown(vpi).get('LINK_TYPE_P2'), '2');
  });

  it('has as many ports as MGIR tells', () => {
    assert.equal(shown(connectx6dx, { 'registers.MGIR.hw_info.num_ports': 1 }).has('RPG_GD_P2'), false);
    assert.equal(shown(connectx6dx, { 'identity.num_ports': 4 }).has('RPG_GD_P4'), true);
  });

  it('shows less where a TLV is of an older version', () => {
    const old = shown(connectx6dx, { 'nv.nv_keep_link_up.version': 1 });
    assert.equal(old.has('KEEP_IB_LINK_UP_P1'), true);
    assert.equal(old.has('DO_NOT_CLEAR_PORT_STATS_P1'), false);
  });
});

describe('the non-volatile configuration of a BlueField-3', () => {
  it('has the names and values of the listing, both ports', () => {
    const card = shown(bluefield3);
    const expected = new Map([...CONNECTX6DX_LISTING, ...BLUEFIELD3_DIFFERENCES]);
    for (const name of NOT_BLUEFIELD3) expected.delete(name);
    for (const [name, value] of expected) assertShown(card, name, value);
    for (const name of NOT_BLUEFIELD3) assert.equal(card.has(name), false, name);
    const buses = [...card.keys()].filter((name) => /^PCI_BUS\d\d_(HIERARCHY_TYPE|SPEED|WIDTH|ASPM)$/.test(name));
    assert.equal(buses.length, 24 * 4);
    assert.equal(card.get('LINK_TYPE_P2'), '2');
  });
});

describe('the non-volatile configuration of a ConnectX-7', () => {
  it('shows as many names as a real one, 283 and 15 more or less, and none of a DPU', () => {
    const card = shown(connectx7);
    assert.ok(Math.abs(card.size - 283) <= 15, String(card.size));
    for (const [name, value] of [
      ['MEMIC_ATOMIC', '2'],
      ['MEMIC_ATOMIC_ENDIANESS', '0'],
      ['MODULE_SPLIT_M0', 'A'],
      ['DPA_AUTHENTICATION', '1'],
      ['SWP_L4_CHECKSUM_MODE', '0'],
      ['CRYPTO_POLICY', '1'],
      ['RDE_DISABLE', '0'],
      ['ADVANCED_TESTABILITY', '0'],
      ['ROCE_CC_CNP_MODERATION_P1', '0'],
      ['IB_CC_SHAPER_COALESCE_P1', '0'],
      ['TX_SCHEDULER_LOCALITY_MODE', '0'],
      ['ROCE_CC_STEERING_EXT', '0'],
      ['MULTIPATH_DSCP', '0'],
    ] as const) {
      assertShown(card, name, value);
    }
    const foreign = /^(INTERNAL_CPU|NVME_|VIRTIO_|ECPF_|NVMF_)|_M1$|_P2$/;
    assert.deepEqual(
      [...card.keys()].filter((name) => foreign.test(name)),
      [],
    );
  });
});

describe('the tables of the non-volatile configuration', () => {
  it('have a field for every condition, and fields that lie in their TLV', () => {
    const byName = new Map(NV_TLVS.map((tlv) => [tlv.name, tlv]));
    assert.equal(byName.size, NV_TLVS.length);
    for (const tlv of NV_TLVS) {
      for (const [field, bit, bits, offered = 'always'] of tlv.rows) {
        assert.ok(bit + bits <= tlv.bytes * 8, `${tlv.name}.${field}`);
        if (offered === 'always') continue;
        for (const term of offered.split(/[|&]/)) {
          const [first = '', second] = term.replace(/^!|=\d+$/g, '').split('.');
          const other = second === undefined ? tlv : byName.get(first);
          assert.ok(other?.layout.has(second ?? first), `${tlv.name}.${field}: ${term}`);
        }
      }
    }
  });

  it('of every profile name TLVs and fields that there are, with values that fit', () => {
    const byName = new Map(NV_TLVS.map((tlv) => [tlv.name, tlv]));
    for (const { name, nv } of DEVICE_PROFILES) {
      assert.ok(Object.keys(nv).length > 50, name);
      for (const [tlv, values] of Object.entries(nv)) assert.ok(byName.get(tlv)?.layout.encode(values), tlv);
    }
  });
});
