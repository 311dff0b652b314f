/**
 * Builds a device profile by asking a device, real or emulated, for its features: GET_SUPPORTED_FEATURES, and
 * GET_FEATURE of each, by selection. What fwctl does not reach (serial number, capacity, firmware version) is the
 * built-in profile's; the kernel shows what it keeps for itself as not to be set, and so it is taken down.
 */
import { attributesOf } from '../../../../abi/cxl/attributes.ts';
import type { CxlDeviceProfile, CxlFeatureValues } from '../../../../abi/cxl/device-profile.ts';
import {
  CXL_OPCODE,
  FEATURE_FLAGS,
  featureEntry,
  getFeature,
  getSupported,
  rpcHeader,
  rpcReply,
  supportedReply,
} from '../../../../abi/cxl/features.ts';
import { featureName, KNOWN_FEATURES, uuidText } from '../../../../abi/cxl/uuids.ts';
import { hex } from '../../../../abi/hex.ts';
import { cxlType3 } from '../../../../devices/cxl/cxl-type3.ts';
import type { Ask, CaptureNames } from '../../../profiles/profile-kind.ts';

/** Of an answer, the size that is written back is 8 more than what there is. */
const HEADER = rpcReply.header;

/** Throws an Error when the device lists no features. */
export async function captureCxl(ask: Ask, { name, title, device }: CaptureNames): Promise<CxlDeviceProfile> {
  const features = await captureFeatures(ask);
  return { name, title: title ?? `captured from ${device}`, values: { ...cxlType3.values, features } };
}

async function captureFeatures(ask: Ask): Promise<CxlDeviceProfile['values']['features']> {
  const count = (await supported(ask, 0)).getUint16(rpcReply.payload + supportedReply.total, true);
  const list = await supported(ask, count);
  const there = list.getUint16(rpcReply.payload + supportedReply.entries, true);
  if (there === 0) throw new Error('the device lists no features');
  const features: Record<string, CxlFeatureValues> = {};
  for (let i = 0; i < there; i++) {
    const at = rpcReply.payload + supportedReply.list + i * featureEntry.bytes;
    const [name, feature] = await captured(ask, new DataView(list.buffer, list.byteOffset + at, featureEntry.bytes));
    features[name] = feature;
  }
  return features;
}

async function captured(ask: Ask, entry: DataView): Promise<[string, CxlFeatureValues]> {
  const uuid = uuidText(entry, featureEntry.uuid);
  const flags = entry.getUint32(featureEntry.flags, true);
  const size = entry.getUint16(featureEntry.getSize, true);
  const data = (await read(ask, entry, size, 0)) ?? new Uint8Array(0);
  const initial = (flags & FEATURE_FLAGS.DEFAULT_SEL) === 0 ? undefined : await read(ask, entry, size, 1);
  const saved = (flags & FEATURE_FLAGS.SAVED_SEL) === 0 ? undefined : await read(ask, entry, size, 2);
  const feature = {
    get: size,
    set: entry.getUint16(featureEntry.setSize, true),
    flags,
    effects: entry.getUint16(featureEntry.effects, true),
    get_version: entry.getUint8(featureEntry.getVersion),
    set_version: entry.getUint8(featureEntry.setVersion),
    like: '',
    data: hex(data),
    default: differs(initial, data) ? hex(initial) : '',
    saved: differs(saved, data) ? hex(saved) : '',
  };
  return [featureName(uuid) ?? uuid, unhidden(uuid, feature)];
}

function differs(one: Uint8Array | undefined, data: Uint8Array): one is Uint8Array {
  return one?.some((byte, i) => byte !== data[i]) ?? false;
}

/** get_support_feature_info() of the kernel hides that an exclusive feature can be set; the specification says how. */
function unhidden(uuid: string, feature: CxlFeatureValues): CxlFeatureValues {
  const known = KNOWN_FEATURES.find((one) => one.uuid === uuid);
  const attributes = known?.exclusive ? attributesOf(known.name) : undefined;
  if (feature.set !== 0 || attributes?.getSize !== feature.get) return feature;
  return { ...feature, set: attributes.setSize, flags: feature.flags | FEATURE_FLAGS.CHANGEABLE };
}

async function supported(ask: Ask, entries: number): Promise<DataView> {
  const payload = new Uint8Array(getSupported.bytes);
  new DataView(payload.buffer).setUint32(getSupported.count, entries * featureEntry.bytes, true);
  const room = HEADER + supportedReply.list + entries * featureEntry.bytes;
  return viewOf(await ask(requestOf(CXL_OPCODE.GET_SUPPORTED_FEATURES, payload), room));
}

/** Undefined: the device does not give it. */
async function read(ask: Ask, entry: DataView, size: number, selection: number): Promise<Uint8Array | undefined> {
  if (size === 0) return undefined;
  const payload = new Uint8Array(getFeature.bytes);
  for (let i = 0; i < getFeature.offset; i++) payload[i] = entry.getUint8(featureEntry.uuid + i);
  new DataView(payload.buffer).setUint16(getFeature.count, size, true);
  payload[getFeature.selection] = selection;
  const reply = await ask(requestOf(CXL_OPCODE.GET_FEATURE, payload), HEADER + size);
  const view = viewOf(reply);
  const failed = view.getUint32(rpcReply.retval, true) !== 0 || view.getUint32(rpcReply.size, true) !== size;
  return failed ? undefined : reply.slice(rpcReply.payload, rpcReply.payload + size);
}

function requestOf(opcode: number, payload: Uint8Array): Uint8Array {
  const request = new Uint8Array(rpcHeader.bytes + payload.length);
  const view = viewOf(request);
  view.setUint32(rpcHeader.opcode, opcode, true);
  view.setUint32(rpcHeader.opSize, payload.length, true);
  request.set(payload, rpcHeader.bytes);
  return request;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
