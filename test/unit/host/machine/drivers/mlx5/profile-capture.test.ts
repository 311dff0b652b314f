/** Capturing an emulated device gives back its profile. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../../../../../src/abi/clock.ts';
import { messageBuffer } from '../../../../../../src/abi/message-buffer.ts';
import type { Mlx5DeviceProfile } from '../../../../../../src/abi/mlx5/device-profile.ts';
import { connectx6dx } from '../../../../../../src/devices/mlx5/connectx6dx.ts';
import { applyOverrides } from '../../../../../../src/devices/mlx5/overrides.ts';
import { differences, profileTree } from '../../../../../../src/devices/mlx5/profile-tree.ts';
import { DEVICE_PROFILES } from '../../../../../../src/devices/mlx5/profiles.ts';
import { createMlx5Firmware } from '../../../../../../src/firmware/mlx5/firmware.ts';
import { captureProfile } from '../../../../../../src/host/machine/drivers/mlx5/profile-capture.ts';
import { parseProfile } from '../../../../../../src/host/machine/drivers/mlx5/profile-file.ts';
import { mlx5ProfileTools } from '../../../../../../src/host/machine/drivers/mlx5/profile-tools.ts';
import type { Ask } from '../../../../../../src/host/profiles/profile-kind.ts';
import { profileJson, profileYaml } from '../../../../../../src/host/profiles/profile-text.ts';

/** An emulated device whose clock runs on with every command. */
function deviceOf(profile: Mlx5DeviceProfile): Ask {
  let now = 7e9;
  const clock: Clock = { monotonicNs: () => now, wallMs: () => now / 1e6, after: () => () => {} };
  const firmware = createMlx5Firmware(profile, { clock });
  now += 3600e9;
  return async (bytes, replyBytes) => {
    now += 1e9;
    const request = messageBuffer(bytes.length);
    request.bytes.set(bytes);
    const reply = messageBuffer(replyBytes);
    firmware.exec(request, reply);
    return reply.bytes;
  };
}
const NAMES = { name: 'captured', title: 'a device' };

describe('captureProfile', () => {
  const changed = applyOverrides(connectx6dx, {
    'caps.GENERAL.log_max_qp': 9,
    'caps_max.GENERAL.log_max_qp': 21,
    'caps_max.ROCE.roce_version': 0,
    'caps.GENERAL.general_obj_types': 2n ** 60n + 3n,
    'registers.DTOR.tear_down_to.to_value': 0,
    'registers.NODE_DESC.node_description': Uint8Array.of(1, 2, 250),
    'registers.PTYS.an_disable_cap': 0,
    'identity.vsd': 'made for a test',
    'identity.model_name': '',
    'identity.base_mac': '000000000001',
    'identity.fw_version': '1.2.3',
    'special_contexts.repeated_mkey': 0x900,
    'world.channels': 1,
    'world.vfs': 5,
  });
  for (const profile of [...DEVICE_PROFILES, { ...changed, name: 'changed' }]) {
    it(`of an emulated ${profile.name}: the profile it is made of`, async () => {
      const captured = await captureProfile(deviceOf(profile), NAMES);
      assert.deepEqual(differences(profileTree(profile), profileTree(captured)), []);
      assert.deepEqual([captured.name, captured.title], ['captured', 'a device']);
    });

    it(`of an emulated ${profile.name}: is the same after a way through a file`, async () => {
      const tree = await mlx5ProfileTools.capture(deviceOf(profile), { ...NAMES, device: 'fwctl0' });
      assert.deepEqual(tree, profileTree(await captureProfile(deviceOf(profile), NAMES)));
      for (const text of [profileYaml(tree), profileJson(tree)]) {
        assert.deepEqual(profileTree(parseProfile(text, 'x.yaml')), tree);
      }
    });
  }

  it('leaves out capability types and values that the device refuses', async () => {
    const { CRYPTO: _, ...caps } = connectx6dx.caps;
    const whole = deviceOf({ ...connectx6dx, caps });
    const refusing: Ask = async (request, replyBytes) => {
      const opcode = (request[0] ?? 0) * 256 + (request[1] ?? 0);
      // No objects, no special contexts, no adapter: a firmware that a tools context may ask little of.
      if (opcode === 0x805 || opcode === 0x100) return whole(request, replyBytes);
      return Uint8Array.from({ length: replyBytes }, (_x, i) => (i === 0 ? 2 : 0));
    };
    const captured = await captureProfile(refusing, NAMES);
    assert.equal('CRYPTO' in captured.caps, false);
    assert.deepEqual(captured.special_contexts, {});
    assert.deepEqual(captured.world, { channels: 1, vfs: 1 });
    assert.equal(captured.identity.model_name, connectx6dx.identity.model_name);
  });

  it('says so when there is no identity', async () => {
    const mute: Ask = async (_request, replyBytes) =>
      Uint8Array.from({ length: replyBytes }, (_x, i) => (i === 0 ? 3 : 0));
    await assert.rejects(captureProfile(mute, NAMES), /register MGIR is refused/);
  });

  it('passes on what could not be delivered', async () => {
    const gone: Ask = () => Promise.reject(new Error('ENODEV'));
    await assert.rejects(captureProfile(gone, NAMES), /ENODEV/);
  });
});
