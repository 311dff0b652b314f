import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { connectx6dx } from '../../../../../../src/devices/mlx5/connectx6dx.ts';
import { differences, profileTree } from '../../../../../../src/devices/mlx5/profile-tree.ts';
import { DEVICE_PROFILES } from '../../../../../../src/devices/mlx5/profiles.ts';
import type { ConfigError } from '../../../../../../src/host/config/config-error.ts';
import { isProfilePath } from '../../../../../../src/host/config/profile-path.ts';
import { resolveProfile } from '../../../../../../src/host/machine/drivers/mlx5/device-profiles.ts';
import { parseProfile } from '../../../../../../src/host/machine/drivers/mlx5/profile-file.ts';
import { mlx5ProfileTools } from '../../../../../../src/host/machine/drivers/mlx5/profile-tools.ts';
import { mlx5Profiles } from '../../../../../../src/host/machine/drivers/mlx5/profiles.ts';
import { profileJson, profileYaml } from '../../../../../../src/host/profiles/profile-text.ts';

const changes = (text: string) =>
  differences(profileTree(connectx6dx), profileTree(parseProfile(text, 'f')))
    .map(({ path, after: value }) => `${path}=${value}`)
    .join(' ');

function problemsOf(text: string): string {
  try {
    parseProfile(text, 'f.yaml');
  } catch (error) {
    assert.equal((error as Error).constructor.name, 'ConfigError');
    return (error as ConfigError).message;
  }
  return assert.fail('it was taken');
}

describe('a profile file', () => {
  it('with a base is the base and its changes', () => {
    assert.equal(changes('base: connectx6dx'), '');
    assert.equal(changes('base: connectx6dx\ncaps:\n  GENERAL: {log_max_qp: 9}'), 'caps.GENERAL.log_max_qp=9');
    assert.equal(
      changes('{"base": "connectx6dx", "registers": {"PAOS": {"oper_status": 2}}}'),
      'registers.PAOS.oper_status=2',
    );
    assert.equal(
      changes('base: connectx6dx\nworld: {vfs: 9}\nspecial_contexts: {null_mkey: 0x300}'),
      'special_contexts.null_mkey=768 world.vfs=9',
    );
  });

  it('takes a capability type away with null, adds one by its name alone', () => {
    const profile = parseProfile('base: connectx6dx\ncaps: {CRYPTO: null, TLS:, SHAMPO: {}}', 'f');
    assert.deepEqual([profile.caps.CRYPTO, profile.caps.TLS, profile.caps.SHAMPO], [undefined, undefined, {}]);
  });

  it('changes NV configuration by parameter and by TLV, takes a TLV away with null, adds one by its name', () => {
    assert.equal(
      changes('base: connectx6dx\nnv: {NUM_OF_VFS: 16, nv_memic_cap: {max_memic_size_limit: 0}}'),
      'nv.nv_memic_cap.max_memic_size_limit=undefined nv.nv_global_pci_conf.NUM_OF_VFS=16',
    );
    assert.equal(
      changes('base: connectx6dx\nnv: {nv_roce_1_5_conf: null, nv_vpi_link_type: {LINK_TYPE: 2}}'),
      'nv.nv_roce_1_5_conf=undefined nv.nv_roce_1_5_conf.ROCE_NEXT_PROTOCOL=undefined ' +
        'nv.nv_vpi_link_type=present nv.nv_vpi_link_type.LINK_TYPE=2',
    );
  });

  it('keeps name and title of its base, or has its own', () => {
    assert.equal(parseProfile('base: legacy', 'f').name, 'legacy');
    const own = parseProfile('base: legacy\nname: 007\ntitle: 0x10 cards', 'f');
    assert.deepEqual([own.name, own.title], ['007', '0x10 cards']);
  });

  it('takes texts as they are spelled and numbers in all their forms', () => {
    const { identity, caps, registers } = parseProfile(
      'base: connectx6dx\nidentity: {base_mac: 000000000012, psid: 1e5, hw_dev_id: 0x218}\n' +
        'caps: {GENERAL: {general_obj_types: 0xffffffffffffffff}}\nregisters: {NODE_DESC: {node_description: 42}}',
      'f',
    );
    assert.deepEqual([identity.base_mac, identity.psid, identity.hw_dev_id], ['000000000012', '1e5', 0x218]);
    assert.equal(caps.GENERAL?.general_obj_types, 2n ** 64n - 1n);
    assert.equal(registers.NODE_DESC?.node_description, '42');
  });

  it('has aliases and byte lists', () => {
    const { registers } = parseProfile(
      'base: connectx6dx\nregisters:\n  NODE_DESC: {node_description: [1, 0, 255]}\n  PAOS: &x {oper_status: 2}\n',
      'f',
    );
    assert.deepEqual(registers.NODE_DESC?.node_description, Uint8Array.of(1, 0, 255));
    assert.equal(changes('base: connectx6dx\nregisters: {PAOS: &x {fd: 1}}\ncaps_max: {}\n'), 'registers.PAOS.fd=1');
  });

  for (const profile of DEVICE_PROFILES) {
    it(`of ${profile.name} as it is shown: the same again`, () => {
      const tree = mlx5ProfileTools.builtIn(profile.name);
      assert.ok(tree);
      assert.deepEqual(tree, profileTree(profile));
      for (const text of [profileYaml(tree), profileJson(tree)]) {
        assert.deepEqual(profileTree(parseProfile(text, 'f')), tree);
      }
      JSON.parse(profileJson(tree));
    });
  }

  for (const [text, problem] of [
    ['', 'f.yaml:1:1: a profile is a list of KEY: VALUE lines, e.g. "base: connectx6dx"'],
    ['- 1', /f\.yaml:1:1: a profile is a list/],
    ['name: x\ntitle: y', /f\.yaml:1:1: identity lacks pci_device_id, .*base_mac; write them, or a base/],
    ['title: y\nidentity:\n  psid: MT', /1:1: name is missing/],
    ['base: connectx6x', /f\.yaml:1:7: there is no built-in profile "connectx6x".*did you mean connectx6dx/],
    ['base: ./other.yaml', /no built-in profile/],
    ['base: connectx6dx\nregister: {}', /f\.yaml:2:1: unknown key "register" .*did you mean registers/],
    ['base: connectx6dx\ncaps: 7', /f\.yaml:2:7: caps must be a list/],
    [
      'base: connectx6dx\ncaps:\n  GENERL: {}',
      /f\.yaml:3:3: there is no capability type "GENERL"; did you mean GENERAL/,
    ],
    [
      'base: connectx6dx\nregisters:\n  DTRO: {}',
      /f\.yaml:3:3: there is no register with known fields "DTRO"; did you mean DTOR/,
    ],
    ['base: connectx6dx\nnv: {nv_memic: {}}', /f\.yaml:2:6: there is no TLV "nv_memic"; did you mean nv_memic_c/],
    ['base: connectx6dx\nnv: {NUM_OF_VFS: 70000}', /f\.yaml:2:18: nv\.NUM_OF_VFS: .*16 bits/],
    ['base: connectx6dx\ncaps:\n  GENERAL: 7', /f\.yaml:3:12: caps\.GENERAL must be a list/],
    [
      'base: connectx6dx\ncaps:\n  GENERAL:\n    log_max_qp: 99',
      /f\.yaml:4:17: .*99 does not fit into 5 bits \(0 to 31\)/,
    ],
    ['base: connectx6dx\ncaps:\n  GENERAL:\n    log_max_qpp: 9', /f\.yaml:4:5: .*did you mean log_max_qp/],
    ['base: connectx6dx\ncaps: {GENERAL: {log_max_qp: [1]}}', /f\.yaml:2:30: .*not a whole number/],
    [
      'base: connectx6dx\ncaps: {GENERAL: {log_max_qp: }}',
      /must be a whole number, text, true or false, or a list of bytes/,
    ],
    ['base: connectx6dx\ncaps: {GENERAL: {log_max_qp: 1.5}}', /must be a whole number/],
    ['base: connectx6dx\nidentity: {psid: [1, 2]}', /f\.yaml:2:18: identity\.psid: wanted is/],
    ['base: connectx6dx\nidentity: {fw_verson: 1.2.3}', /f\.yaml:2:12: .*did you mean fw_version/],
    [
      'base: connectx6dx\nworld: {channels: 65}',
      /f\.yaml:2:19: world\.channels: wanted is a whole number from 1 to 64/,
    ],
    ['base: connectx6dx\nworld: {chanels: 1}', /f\.yaml:2:9: .*did you mean channels/],
    ['base: connectx6dx\nregisters: {NODE_DESC: {node_description: [256]}}', /must be a whole number/],
    ['base: connectx6dx\nbase: legacy', /f\.yaml:2:1: this is not YAML: .*unique/i],
    ['base: [', /f\.yaml:1:\d+: this is not YAML/],
    ['base: connectx6dx\n__proto__: {}', /unknown key "__proto__"/],
    ['base: connectx6dx\ncaps: {constructor: {}}', /no capability type "constructor"/],
    ['a: &a [*a, *a]', /unknown key "a"/],
  ] as const) {
    it(`refuses ${JSON.stringify(text).slice(0, 60)}`, () => {
      const message = problemsOf(text);
      if (typeof problem === 'string') assert.equal(message, problem);
      else assert.match(message, problem);
    });
  }

  it('says everything at once, in the order of the file', () => {
    const message = problemsOf('foo: 1\nbase: x\nworld: {vfs: 0}\nbar: 2\n');
    assert.deepEqual(
      message.split('\n').map((line) => line.replace(/^(f\.yaml:\d+).*/, '$1')),
      ['f.yaml:1', 'f.yaml:2', 'f.yaml:3', 'f.yaml:4'],
    );
  });

  it('that is any text is a profile or a list of problems, never a crash', () => {
    const words = fc.constantFrom(
      'base',
      ': ',
      '\n',
      '  ',
      'connectx6dx',
      'caps',
      'GENERAL',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '9',
      '"',
      "'",
      '|',
      '!!x',
      'null',
      '\t',
      '#',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 25 }), (parts) => {
        try {
          parseProfile(parts.join(''), 'f');
        } catch (error) {
          assert.equal((error as Error).constructor.name, 'ConfigError', String((error as Error).stack));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a profile by name', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fwctl-emu-profile-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'mine.yaml');

  it('is a built-in one, or a file by its slash or its ending', () => {
    assert.deepEqual(['connectx6dx', './x', '/a/b', 'x.yaml', 'x.YML', 'x.json', 'x.toml'].map(isProfilePath), [
      false,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    assert.equal(resolveProfile('connectx6dx'), connectx6dx);
    assert.equal(resolveProfile('connectx1'), undefined);
  });

  it('is read anew each time', () => {
    writeFileSync(path, 'base: connectx6dx\nworld: {vfs: 3}');
    assert.equal(resolveProfile(path)?.world.vfs, 3);
    writeFileSync(path, 'base: connectx6dx\nworld: {vfs: 4}');
    assert.equal(resolveProfile(path)?.world.vfs, 4);
  });

  it('names the file that cannot be read, and what is wrong in one that can', () => {
    assert.throws(
      () => resolveProfile(join(directory, 'none.yaml')),
      /none\.yaml: the profile cannot be read \(no such file\)/,
    );
    assert.throws(() => resolveProfile(directory), /the profile cannot be read \(a directory\)/);
    writeFileSync(path, 'base: connectx6dx\nfoo: 1\nbar: 2');
    assert.throws(
      () => mlx5Profiles.readFile(path),
      new RegExp(`${path}:2:1: unknown key "foo".*, and 1 more: see "fwctl-emu profile check`),
    );
  });
});
