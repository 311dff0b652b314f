import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OverrideValue } from '../../../../src/abi/profile-shape.ts';
import { connectx6dx } from '../../../../src/devices/mlx5/connectx6dx.ts';
import { applyOverrides } from '../../../../src/devices/mlx5/overrides.ts';

const changed = (path: string, value: OverrideValue) => applyOverrides(connectx6dx, { [path]: value });

describe('applyOverrides', () => {
  it('changes one value of each kind and nothing else', () => {
    const profile = applyOverrides(connectx6dx, {
      'caps.GENERAL.log_max_qp': 18,
      'caps_max.GENERAL.log_max_qp': 19,
      'caps.GENERAL.general_obj_types': 2n ** 40n,
      'registers.NODE_DESC.node_description': 'test bed',
      'registers.DTOR.tear_down_to.to_value': '7',
      'registers.PAOS.fd': true,
      'identity.fw_version': '22.45.1020',
      'identity.hw_dev_id': 0x218,
      'nv.NUM_OF_VFS': 16,
      'nv.nv_memic_cap.max_memic_size_limit': 0,
      'special_contexts.resd_lkey': 5,
      'world.vfs': 7,
    });
    assert.deepEqual(profile, {
      ...connectx6dx,
      identity: { ...connectx6dx.identity, fw_version: '22.45.1020', hw_dev_id: 0x218 },
      caps: {
        ...connectx6dx.caps,
        GENERAL: { ...connectx6dx.caps.GENERAL, log_max_qp: 18, general_obj_types: 2n ** 40n },
      },
      capsMax: { GENERAL: { log_max_qp: 19 } },
      registers: {
        ...connectx6dx.registers,
        NODE_DESC: { node_description: 'test bed' },
        DTOR: { ...connectx6dx.registers.DTOR, 'tear_down_to.to_value': '7' },
        PAOS: { ...connectx6dx.registers.PAOS, fd: true },
      },
      nv: {
        ...connectx6dx.nv,
        nv_global_pci_conf: { ...connectx6dx.nv.nv_global_pci_conf, NUM_OF_VFS: 16 },
        nv_memic_cap: { ...connectx6dx.nv.nv_memic_cap, max_memic_size_limit: 0 },
      },
      special_contexts: { ...connectx6dx.special_contexts, resd_lkey: 5 },
      world: { ...connectx6dx.world, vfs: 7 },
    });
  });

  it('leaves the profile it was given as it was', () => {
    const before = structuredClone(connectx6dx);
    changed('caps.GENERAL.log_max_qp', 1);
    changed('registers.DTOR.tear_down_to.to_value', 1);
    assert.deepEqual(connectx6dx, before);
    assert.equal(applyOverrides(connectx6dx, {}), connectx6dx);
  });

  for (const [path, value, message] of [
    ['cap.GENERAL.log_max_qp', 1, /starts with none of identity, caps, .*; did you mean caps/],
    ['toString', 1, /starts with none of/],
    ['', 1, /starts with none of/],
    ['caps', 1, /wanted is caps\.TYPE\.FIELD/],
    ['caps.GENERAL', 1, /wanted is caps\.TYPE\.FIELD/],
    ['caps.GENERL.log_max_qp', 1, /no capability type GENERL; did you mean GENERAL/],
    ['caps.GENERAL.log_max_qpp', 1, /cmd_hca_cap has no field log_max_qpp; did you mean log_max_qp/],
    ['caps.GENERAL.log_max_qp', 32, /log_max_qp: 32 does not fit into 5 bits \(0 to 31\)/],
    ['caps.GENERAL.log_max_qp', -1, /-1 does not fit/],
    ['caps.GENERAL.log_max_qp', 'many', /"many" is not a whole number/],
    ['caps.SHAMPO.shampo_log_max_reservation_size', 1, /connectx6dx has no SHAMPO capabilities/],
    ['caps.CRYPTO.x', 1, /the fields of CRYPTO are not public/],
    ['caps.__proto__.x', 1, /no capability type/],
    ['registers.DTRO.x', 1, /no register DTRO with known fields; did you mean DTOR/],
    ['registers.DTOR.tear_down_to', 1, /DTOR has no field tear_down_to; did you mean tear_down_to\./],
    ['registers.NODE_DESC.node_description', 'x'.repeat(65), /65 bytes do not fit into 64/],
    ['registers.NODE_DESC.node_description', 7, /a text or bytes are wanted/],
    ['identity.fw_verson', '1.2.3', /no identity value fw_verson; did you mean fw_version/],
    ['identity.__proto__', 1, /no identity value/],
    ['identity.fw_version', '22.41', /wanted is MAJOR\.MINOR\.SUBMINOR/],
    ['identity.fw_date', '2024-13-01', /YYYY-MM-DD/],
    ['identity.hw_dev_id', 0x10000, /whole number from 0 to 65535/],
    ['identity.num_ports', 0, /whole number from 1 to 1023/],
    ['identity.num_ports', true, /whole number/],
    ['identity.psid', 'MT_00000000000001', /at most 16 printable/],
    ['identity.base_mac', '0c:42:a1', /12 hex digits/],
    ['nv', 1, /no parameter {2}of the non-volatile/],
    ['nv.NUM_OF_VF', 1, /no parameter NUM_OF_VF of the non-volatile configuration; did you mean .*NUM_OF_VFS/],
    ['nv.NUM_OF_VFS', 0x10000, /does not fit into 16 bits/],
    ['nv.nv_memic.x', 1, /no TLV nv_memic of .*; did you mean nv_memic_c/],
    ['nv.nv_memic_cap.max', 1, /nv_memic_cap has no field max/],
    ['nv.LINK_TYPE', 2, /connectx6dx has no TLV nv_vpi_link_type; a profile file can add one/],
    ['nv.__proto__.x', 1, /no TLV/],
    ['world.channels', 0, /whole number from 1 to 64/],
    ['world.channels', '4', /whole number from 1 to 64/],
    ['world.vfs', 128, /whole number from 1 to 127/],
    ['world.vf', 1, /no world value vf; did you mean vfs/],
    ['world.__proto__', 1, /no world value/],
    ['special_contexts.null', 1, /query_special_contexts_out has no field null; did you mean null_mkey/],
  ] as const) {
    it(`refuses ${path || '(nothing)'} = ${String(value).slice(0, 20)}`, () => {
      assert.throws(
        () => changed(path, value),
        (error: Error & { path?: string }) => {
          assert.equal(error.name, 'OverrideError');
          assert.equal(error.path, path);
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(`${path}: `));
          return true;
        },
      );
    });
  }
});
