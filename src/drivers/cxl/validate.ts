/** What the driver looks at before the device is asked: cxlctl_validate_hw_command() and the heads of the commands. */
import {
  CXL_OPCODE,
  FEATURES_CAPABILITY,
  getFeature,
  getSupported,
  rpcHeader,
  rpcReply,
  setFeature,
  UUID_BYTES,
} from '../../abi/cxl/features.ts';
import type { CxlMailbox } from '../../firmware/cxl/mailbox.ts';
import type { FwctlRpc } from '../../fwctl/ops.ts';
import { admitSet, isExclusive } from './features.ts';
import { type EffectsRefusals, REFUSED } from './refusals.ts';

const PAYLOAD = rpcHeader.bytes;

/** Returns the opcode. Throws EINVAL or EPERM, in the kernel's order. */
export function validated({ scope, request, reply }: FwctlRpc, mailbox: CxlMailbox, refusals: EffectsRefusals): number {
  const { view, bytes, length } = request;
  if (length < rpcHeader.bytes) throw REFUSED.inShort;
  const opSize = view.getUint32(rpcHeader.opSize, true);
  if (opSize > length - rpcHeader.bytes) throw REFUSED.inShort;
  // a u16 in cxlctl_fw_rpc(), so that what is above is lost
  const opcode = view.getUint16(rpcHeader.opcode, true);
  if (opcode < CXL_OPCODE.GET_SUPPORTED_FEATURES || opcode > CXL_OPCODE.SET_FEATURE) throw REFUSED.opcode;
  const capability = mailbox.featuresCapability;
  if (capability < FEATURES_CAPABILITY.RO) throw REFUSED.noFeatures;

  if (opcode === CXL_OPCODE.GET_SUPPORTED_FEATURES) {
    if (opSize !== getSupported.bytes) throw REFUSED.supportedSize;
    if (view.getUint16(PAYLOAD + getSupported.startIndex, true) >= mailbox.features.length) throw REFUSED.startIndex;
    return opcode;
  }
  if (opcode === CXL_OPCODE.GET_FEATURE) {
    if (opSize !== getFeature.bytes) throw REFUSED.getSize;
    const count = view.getUint16(PAYLOAD + getFeature.count, true);
    if (count === 0) throw REFUSED.noCount;
    if (reply.length < rpcReply.payload + count) throw REFUSED.getRoom;
    return opcode;
  }
  if (capability < FEATURES_CAPABILITY.RW) throw REFUSED.readOnly;
  if (opSize < UUID_BYTES) throw REFUSED.setShort;
  admitSet(mailbox.features, refusals, bytes, PAYLOAD, scope);
  if (opSize <= setFeature.bytes) throw REFUSED.noData;
  if (isExclusive(bytes, PAYLOAD)) throw REFUSED.exclusive;
  if (reply.length < rpcReply.payload) throw REFUSED.setRoom;
  return opcode;
}
