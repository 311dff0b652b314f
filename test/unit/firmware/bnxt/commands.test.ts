/** The command table over the public structures, and the requests that a tool looks at. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERROR_CODE } from '../../../../src/abi/bnxt/hwrm.ts';
import { plainLayout } from '../../../../src/abi/bnxt/layout.ts';
import { RX_PORT_STATS, RX_PORT_STATS_EXT, TX_PORT_STATS } from '../../../../src/abi/bnxt/layouts/stats.ts';
import { SCOPE_TABLE } from '../../../../src/drivers/bnxt/scope-table.ts';
import { COMMANDS } from '../../../../src/firmware/bnxt/commands.ts';
import { repository } from '../../../repository.ts';
import { counters, Rig } from './rig.ts';

/** NAME, bytes of the request, bytes of the response: by a compiler, from hsi.h of Linux 7.3. */
const SIZES = readFileSync(join(repository, 'test/golden/drivers/hwrm-sizes.txt'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [string, string, string]);

test('each request with a public structure has a row, and no other', () => {
  assert.deepEqual([...COMMANDS.keys()].sort(), SIZES.map(([name]) => name).sort());
});

test('a success is as long as its structure, and valid; below the structure it is INVALID_PARAMS', () => {
  for (const [name, request, response] of SIZES) {
    const rig = new Rig();
    const answer = rig.ask(name, {}, [4096, 4096]);
    const last = answer.bytes[answer.length - 1];
    if (answer.code === 0) assert.equal(answer.length, Number(response), name);
    else assert.equal(answer.length, 16, name);
    assert.equal(last, 1, name);
    const short = rig.ask(name, {}, [4096, 4096], { request: Number(request) - 1 });
    if (request !== '16') assert.deepEqual([short.code, short.length], [ERROR_CODE.INVALID_PARAMS, 16], name);
  }
});

test('a row that says that its values are invented answers the same of any device at any time', () => {
  const other = new Rig({ hwrm_fw: '1.2.3.4', temp: 1, 'link.state': 0, 'limits.vfs': 1, mac: '000000000001' });
  other.clock.seconds += 12_345;
  const rows = [...COMMANDS].filter(([, { values }]) => values === 'invented');
  assert.ok(rows.length > 15 && rows.length < 40, `${rows.length} of ${COMMANDS.size} rows`);
  for (const [name] of rows) {
    const one = new Rig().ask(name, {}, [64, 64]);
    const two = other.ask(name, {}, [64, 64]);
    assert.deepEqual([one.code, one.filled], [two.code, two.filled], name);
    assert.deepEqual({ ...one.fields, seq_id: 0 }, { ...two.fields, seq_id: 0 }, name);
  }
});

test('a request without a public structure is CMD_NOT_SUPPORTED', () => {
  const known = new Set(SIZES.map(([name]) => name));
  const others = SCOPE_TABLE.filter(({ name }) => !known.has(name));
  assert.equal(others.length, 27);
  for (const { name } of others) assert.equal(new Rig().ask(name).code, ERROR_CODE.CMD_NOT_SUPPORTED, name);
});

test('what the profile says stands in VER_GET, FUNC_QCAPS, PORT_PHY_QCFG and TEMP_MONITOR_QUERY, and live changes too', () => {
  const rig = new Rig({ hwrm_fw: '2.300.4.1', chip_num: 0x1751, temp: 55, 'link.speed': '25G', mac: '0a0b0c0d0e0f' });
  const version = rig.ask('VER_GET').fields;
  assert.deepEqual(
    [version.hwrm_fw_major, version.hwrm_fw_minor, version.hwrm_fw_min_8b, version.chip_num],
    [2, 300, 300 & 0xff, 0x1751],
  );
  assert.equal(rig.ask('FUNC_QCAPS').fields.mac_address, 0x0a0b0c0d0e0fn);
  assert.equal(rig.ask('TEMP_MONITOR_QUERY').fields.temp, 55);
  assert.equal(rig.ask('PORT_PHY_QCFG').fields.link_speed, 250);
  rig.firmware.adopt({ ...rig.values, link: { ...rig.values.link, state: 0, down_reason: 4 } }, 'link.state');
  const phy = rig.ask('PORT_PHY_QCFG').fields;
  assert.deepEqual([phy.link, phy.link_speed, phy.duplex_state, phy.link_down_reason], [0, 0, 0, 4]);
  assert.equal(rig.ask('PORT_PHY_QCFG', { port_id: 7 }).code, ERROR_CODE.INVALID_PARAMS);
});

test('port counters go with the clock while the link is up, and PORT_CLR_STATS clears them', () => {
  const rig = new Rig({ 'traffic.rx_frames': 1000, 'traffic.tx_frames': 10, 'traffic.frame_bytes': 100 });
  assert.deepEqual([plainLayout(TX_PORT_STATS).bytes, plainLayout(RX_PORT_STATS).bytes], [408, 528]);
  const stats = () => {
    const answer = rig.ask('PORT_QSTATS', {}, [408, 528]);
    assert.deepEqual([answer.fields.tx_stat_size, answer.fields.rx_stat_size], [408, 528]);
    const [tx = new Uint8Array(0), rx = new Uint8Array(0)] = answer.filled;
    return { ...counters(TX_PORT_STATS, tx), ...counters(RX_PORT_STATS, rx) };
  };
  assert.equal(stats().rx_bytes, 0n);
  rig.clock.seconds += 2.5;
  const after = stats();
  assert.deepEqual(
    [after.rx_total_frames, after.rx_65b_127b_frames, after.rx_bytes, after.tx_ucast_frames, after.tx_bytes],
    [2500n, 2500n, 250_000n, 25n, 2500n],
  );
  rig.firmware.adopt({ ...rig.values, link: { ...rig.values.link, state: 0 } }, 'link.state');
  rig.clock.seconds += 100;
  assert.equal(stats().rx_total_frames, 2500n);
  assert.equal(rig.ask('PORT_CLR_STATS').code, 0);
  assert.equal(stats().rx_total_frames, 0n);
});

test('extended counters are cut at the room that the host has; COUNTER_MASK asks for their widths', () => {
  const rig = new Rig();
  rig.clock.seconds += 1;
  const size = plainLayout(RX_PORT_STATS_EXT).bytes;
  const whole = rig.ask('PORT_QSTATS_EXT', { tx_stat_size: 8, rx_stat_size: size }, [8, size]);
  assert.deepEqual([whole.fields.tx_stat_size, whole.fields.rx_stat_size], [8, size]);
  const rx = counters(RX_PORT_STATS_EXT, whole.filled[1] ?? new Uint8Array(0));
  assert.equal(rx.rx_bits, 8n * (rx['rx_bytes_cos[0]'] as bigint));
  const masks = rig.ask('PORT_QSTATS', { flags: 1 }, [408, 528]);
  assert.equal(counters(TX_PORT_STATS, masks.filled[0] ?? new Uint8Array(0)).tx_bytes, 0xffff_ffff_ffffn);
});

test('the module by I2C: SFF-8636 with the sums right, in pieces as bnxt_en reads it', () => {
  const rig = new Rig();
  const read = (page: number, from: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; done += 64) {
      const data_length = Math.min(64, length - done);
      const offset = from + done;
      const where = { page_number: page, page_offset: offset, enables: offset === 0 ? 0 : 1 };
      const answer = rig.ask('PORT_PHY_I2C_READ', { i2c_slave_addr: 0xa0, data_length, ...where });
      assert.equal(answer.code, 0);
      bytes.set(answer.bytes.subarray(8, 8 + data_length), done);
    }
    return bytes;
  };
  const bytes = read(0, 0, 256);
  const sum = (from: number, to: number) => bytes.subarray(from, to).reduce((all, byte) => (all + byte) & 0xff, 0);
  assert.deepEqual([bytes[0], bytes[128]], [0x11, 0x11]);
  assert.deepEqual([bytes[191], bytes[223]], [sum(128, 191), sum(192, 223)]);
  assert.equal(String.fromCharCode(...bytes.subarray(148, 164)), 'EMULATED        ');
  const ask = (values: Record<string, number>) => rig.ask('PORT_PHY_I2C_READ', { data_length: 1, ...values }).code;
  assert.equal(ask({ i2c_slave_addr: 0xa2 }), ERROR_CODE.ENTITY_NOT_PRESENT);
  assert.equal(ask({ i2c_slave_addr: 0xa0, data_length: 65 }), ERROR_CODE.INVALID_PARAMS);
  assert.equal(ask({ i2c_slave_addr: 0xa0, enables: 1, page_offset: 256 }), ERROR_CODE.INVALID_PARAMS);
  const write = (values: Record<string, number>) =>
    rig.ask('PORT_PHY_I2C_WRITE', { i2c_slave_addr: 0xa0, data_length: 2, enables: 1, ...values }).code;
  assert.equal(write({ page_number: 2, page_offset: 130, 'data[0]': 0xbbaa }), 0);
  assert.deepEqual([...read(2, 130, 2)], [0xaa, 0xbb]);
  assert.equal(write({ page_offset: 148 }), ERROR_CODE.RESOURCE_ACCESS_DENIED);
  rig.firmware.adopt({ ...rig.values, module: { ...rig.values.module, status: 4 } }, 'module.status');
  assert.equal(ask({ i2c_slave_addr: 0xa0 }), ERROR_CODE.ENTITY_NOT_PRESENT);
});

test('a coredump: the walk over list and segments ends, whatever the room', () => {
  const rig = new Rig();
  for (const room of [16, 4096, 65536]) {
    const walk = (name: string, more: Record<string, number>) => {
      const pieces: Uint8Array[] = [];
      for (let seq_no = 0; seq_no < 10_000; seq_no++) {
        const { code, fields, filled } = rig.ask(name, { host_buf_len: room, seq_no, ...more }, [room]);
        assert.equal(code, 0);
        pieces.push((filled[0] ?? new Uint8Array(0)).slice(0, Number(fields.data_len)));
        if (fields.flags === 0) return Buffer.concat(pieces);
      }
      return assert.fail('it does not end');
    };
    const list = walk('DBG_COREDUMP_LIST', {});
    assert.equal(list.length, 3 * 16);
    for (let at = 0; at < list.length; at += 16) {
      const segment = { component_id: list.readUInt16LE(at), segment_id: list.readUInt16LE(at + 2) };
      assert.equal(rig.ask('DBG_COREDUMP_INITIATE', segment).code, 0);
      assert.equal(walk('DBG_COREDUMP_RETRIEVE', segment).length, list.readUInt32LE(at + 12));
    }
  }
  assert.equal(rig.ask('DBG_COREDUMP_INITIATE', { component_id: 99 }).code, ERROR_CODE.INVALID_PARAMS);
  const behind = rig.ask('DBG_COREDUMP_RETRIEVE', { component_id: 1, segment_id: 0, seq_no: 99 }, [4096]);
  assert.equal(behind.code, ERROR_CODE.INVALID_PARAMS);
  assert.equal(new Rig().ask('DBG_COREDUMP_RETRIEVE', { component_id: 1 }, [64]).code, ERROR_CODE.INVALID_PARAMS);
});

test('FW_RESET at once begins anew, one for PCIe waits', () => {
  const rig = new Rig();
  const structure = Uint8Array.of(0x2a, 4, 4, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7, 6);
  const get = () => rig.ask('FW_GET_STRUCTURED_DATA', { structure_id: 0x42a }, [20]);
  assert.deepEqual([get().code, get().cmdErr], [ERROR_CODE.FAIL, 3]);
  assert.equal(rig.ask('FW_SET_STRUCTURED_DATA', { data_len: 20, hdr_cnt: 1 }, [structure]).code, 0);
  assert.deepEqual(get().filled[0], structure);
  assert.equal(rig.ask('FW_SET_STRUCTURED_DATA', { hdr_cnt: 2 }, [structure]).cmdErr, 2);
  const status = () => rig.ask('FW_QSTATUS', { embedded_proc_type: 0 }).fields.selfrst_status;
  assert.equal(rig.ask('FW_RESET', { embedded_proc_type: 6, selfrst_status: 2 }).fields.selfrst_status, 2);
  assert.equal(status(), 2);
  assert.equal(rig.ask('FW_RESET', { embedded_proc_type: 6, selfrst_status: 1 }).code, 0);
  assert.equal(status(), 0);
  assert.equal(get().code, ERROR_CODE.FAIL);
  assert.equal(rig.ask('FW_RESET', { embedded_proc_type: 9 }).code, ERROR_CODE.INVALID_PARAMS);
});

test('a profile answers a request that has no row, refuses one that has, and a short buffer gets what fits', () => {
  const rig = new Rig({ 'hwrm.0xdd.bytes': '010203', 'hwrm.VER_GET.status': 'BUSY' });
  const told = rig.ask('PORT_QCFG', {}, [], { response: 16 });
  assert.equal(Buffer.from(told.bytes).toString('hex'), '0000dd000000100001020300000000' + '01');
  assert.deepEqual([rig.ask('VER_GET').code, rig.ask('VER_GET').length], [ERROR_CODE.BUSY, 16]);
  assert.equal(rig.ask('FUNC_QCAPS', {}, [], { response: 10 }).length, 144);
});
