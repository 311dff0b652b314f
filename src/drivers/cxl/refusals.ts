/** What cxlctl_fw_rpc() refuses, in the order of its checks: drivers/cxl/core/features.c. */
import { bitNames } from '../../abi/cxl/bit-names.ts';
import { EFFECTS } from '../../abi/cxl/features.ts';
import { Errno } from '../../kernel/errno.ts';

export const REFUSED = {
  inShort: new Errno(
    'EINVAL',
    'in_len is below the 16 bytes of a cxl header, or op_size is above what follows it',
    'set in_len to at least 16 + op_size',
  ),
  opcode: new Errno(
    'EINVAL',
    'the opcode is no command of features',
    'use 0x500 GET_SUPPORTED_FEATURES, 0x501 GET_FEATURE or 0x502 SET_FEATURE',
  ),
  noFeatures: new Errno('EINVAL', "the device's mailbox has no features", 'use a device that has'),
  readOnly: new Errno('EINVAL', 'the device can read features, but not set them', 'use a device that can set them'),
  setShort: new Errno('EINVAL', 'op_size of SET_FEATURE has no room for a UUID', 'set op_size to 32 and the data'),
  unknown: new Errno('EINVAL', 'SET_FEATURE of a feature that the device does not list', 'ask GET_SUPPORTED_FEATURES'),
  fixed: new Errno('EINVAL', 'the feature is not changeable (bit 0 of its flags)', 'set one that is'),
  supportedSize: new Errno('EINVAL', 'op_size of GET_SUPPORTED_FEATURES is not 8', 'set op_size to 8'),
  startIndex: new Errno('EINVAL', 'start_idx is not below the number of features', 'start at a lower one'),
  getSize: new Errno('EINVAL', 'op_size of GET_FEATURE is not 21', 'set op_size to 21'),
  noCount: new Errno('EINVAL', 'count of GET_FEATURE is 0', 'ask for a byte or more'),
  getRoom: new Errno('EINVAL', 'out_len has no room for 8 bytes and the data', 'set out_len to at least 8 + count'),
  noData: new Errno('EINVAL', 'op_size of SET_FEATURE is 32 or less: it has no data', 'set op_size to 32 and the data'),
  exclusive: new Errno(
    'EPERM',
    'the kernel keeps this feature for its own drivers (cxl_exclusive_feats), whatever the scope',
    'read it, or set one of the vendor (fwctl-emu scopes --driver cxl)',
  ),
  setRoom: new Errno('EINVAL', 'out_len of SET_FEATURE is below 8', 'set out_len to at least 8'),
} as const;

/** Why a feature may not be set, behind `SET_FEATURE of a feature with effects 0x...`; and a remedy. */
const BY_EFFECTS = {
  reserved: [', of which bits 15:12 are reserved', 'no scope passes it'],
  background: [', which is a background operation', 'no scope passes it'],
  noEffect: [', which are neither at a reset nor immediate', 'no scope passes it'],
  immediate: [
    ', which are immediate, needs scope FWCTL_RPC_DEBUG_WRITE_FULL (3)',
    'set fwctl_rpc.scope = FWCTL_RPC_DEBUG_WRITE_FULL',
  ],
  reset: [
    ', which come with a reset, needs scope FWCTL_RPC_DEBUG_WRITE (2)',
    'set fwctl_rpc.scope = FWCTL_RPC_DEBUG_WRITE',
  ],
} as const;

/** Refusals that name a feature's effects; each is made once. */
export class EffectsRefusals {
  private readonly made = new Map<string, Errno>();
  private readonly warn: (text: string) => void;

  /** `warn`: told what the driver logs. */
  constructor(warn: (text: string) => void) {
    this.warn = warn;
  }

  of(why: keyof typeof BY_EFFECTS, effects: number): Errno {
    if (why === 'reserved') this.warn('Reserved bits set in the Feature effects field!');
    const key = `${why} ${effects}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const [rule, remedy] = BY_EFFECTS[why];
    const text = `SET_FEATURE of a feature with effects ${bitNames(effects, EFFECTS)}${rule}`;
    const refusal = new Errno('EINVAL', text, remedy);
    this.made.set(key, refusal);
    return refusal;
  }
}
