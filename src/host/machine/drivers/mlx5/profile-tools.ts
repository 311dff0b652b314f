/** Works on profiles of ConnectX cards: shown, compared, captured. */
import { STATUS } from '../../../../abi/mlx5/status.ts';
import { differences, type PlainValue, PRESENT, profileTree } from '../../../../devices/mlx5/profile-tree.ts';
import { deviceProfile } from '../../../../devices/mlx5/profiles.ts';
import type { ProfileTools, ProfileTree } from '../../../profiles/profile-kind.ts';
import { captureProfile } from './profile-capture.ts';
import { parseProfile } from './profile-file.ts';

export const mlx5ProfileTools: ProfileTools = {
  builtIn(name) {
    const profile = deviceProfile(name);
    return profile && asTree(profileTree(profile));
  },
  parse: (text, path) => asTree(profileTree(parseProfile(text, path))),
  differences(before, after) {
    const found = differences(ownTree(before), ownTree(after));
    return found.map((one) => ({ ...one, shown: [shown(one.before, one.path), shown(one.after, one.path)] }));
  },
  summary({ caps, registers, nv }) {
    const count = (records: unknown, word: string) => `${Object.keys(records ?? {}).length} ${word}`;
    return `${count(caps, 'capability types')}, ${count(registers, 'registers with values')}, ${count(nv, 'NV configuration TLVs')}`;
  },
  async capture(ask, { name, title, device }) {
    const profile = await captureProfile(ask, { name, title: title ?? '' });
    const { model_description, model_name } = profile.identity;
    return asTree(
      profileTree({ ...profile, title: title ?? (model_description || model_name || `captured from ${device}`) }),
    );
  },
  lacking(replyBytes) {
    const reply = new Uint8Array(replyBytes);
    reply[0] = STATUS.BAD_OP;
    return reply;
  },
};

/** What a profile does not name is 0; of a capability type or TLV: the device has it not. */
function shown(value: PlainValue | undefined, path: string): string {
  if (value === undefined) return path.split('.').length === 2 && /^(caps|nv)\./.test(path) ? 'absent' : '0';
  if (value === PRESENT) return PRESENT;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

type OwnTree = ReturnType<typeof profileTree>;

function asTree(tree: OwnTree): ProfileTree {
  return tree as unknown as ProfileTree;
}

function ownTree(tree: ProfileTree): OwnTree {
  return tree as unknown as OwnTree;
}
