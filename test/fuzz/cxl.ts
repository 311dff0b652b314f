/** RPCs to a CXL memory device. */
import {
  CXL_COMMANDS,
  getFeature,
  getSupported,
  rpcHeader,
  setFeature,
  UUID_BYTES,
} from '../../src/abi/cxl/features.ts';
import { CXL_PROFILES } from '../../src/devices/cxl/profiles.ts';
import { cxlDialect } from '../../src/drivers/cxl/dialect/dialect.ts';
import { cxlMessages } from '../../src/drivers/cxl/dialect/messages.ts';
import { cxlFwctl } from '../../src/drivers/cxl/driver.ts';
import { CxlFirmware } from '../../src/firmware/cxl/firmware.ts';
import { CxlLoopback } from '../../src/firmware/cxl/loopback.ts';
import { LOOPBACK_MODELS, type LoopbackModel } from '../../src/firmware/cxl/loopback-models.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { driverCalls } from './driver-calls.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

const OWN_BYTES = [getSupported.bytes, getFeature.bytes, setFeature.bytes];

export function cxlCalls(): FuzzTarget {
  const firmware = new CxlLoopback(LOOPBACK_MODELS[0] as LoopbackModel);
  return driverCalls({
    ops: cxlFwctl(firmware, []) as FwctlOps<unknown>,
    dialect: cxlDialect,
    messages: cxlMessages,
    request: (random) => requestOf(random, firmware),
    firmware(random) {
      const { parameters } = firmware;
      parameters.returnCode = random.chance(10) ? random.below(40) : 0;
      parameters.undelivered = random.chance(3);
      parameters.at = random.below(4);
      parameters.short = random.pick(['error', 'rest', 'nothing']);
    },
  });
}

/** The profiles' own firmwares, one behind each call; the features that a request names may be another's. */
export function cxlFirmwareCalls(): FuzzTarget {
  const firmwares = CXL_PROFILES.map(({ values }) => new CxlFirmware(values));
  const features = firmwares.flatMap((firmware) => firmware.features);
  let behind = firmwares[0] as CxlFirmware;
  const ops = firmwares.map((firmware) => cxlFwctl(firmware, []) as FwctlOps<unknown>);
  const first = ops[0] as FwctlOps<unknown>;
  return {
    ...driverCalls({
      ops: Object.assign(Object.create(first), {
        fwRpc: (...call: Parameters<FwctlOps<unknown>['fwRpc']>) => ops[firmwares.indexOf(behind)]?.fwRpc(...call),
      }),
      dialect: cxlDialect,
      messages: cxlMessages,
      request: (random) => requestOf(random, { features }),
      firmware(random) {
        behind = random.pick(firmwares);
        // what is kept can always be taken over again
        if (random.below(2000) === 0) behind.restoreState(JSON.parse(JSON.stringify(behind.saveState())));
      },
    }),
    name: 'cxl-firmware',
  };
}

/** Header, and a payload of the command's own length; SET_FEATURE's goes on. */
function requestOf(random: Random, { features }: Pick<CxlLoopback, 'features'>): Uint8Array {
  const which = random.below(CXL_COMMANDS.length);
  const data = which === 2 ? random.below(random.chance(80) ? 64 : 2200) : 0;
  const payload = (OWN_BYTES[which] ?? 0) + data;
  const bytes = random.bytes(random.chance(90) ? rpcHeader.bytes + payload : random.below(100));
  if (bytes.length < rpcHeader.bytes) return bytes;
  const view = new DataView(bytes.buffer);
  const set = (at: number, likely: number) => view.setUint32(at, random.chance(90) ? likely : random.oddNumber(), true);
  set(rpcHeader.opcode, CXL_COMMANDS[which]?.opcode ?? 0);
  set(rpcHeader.opSize, payload);
  const own = rpcHeader.bytes;
  if (which > 0 && bytes.length >= own + setFeature.version && random.chance(90)) {
    bytes.set(random.pick(features).subarray(0, UUID_BYTES), own);
    const small = random.chance(80) ? 64 : 0x10000;
    view.setUint16(own + (which === 1 ? getFeature.offset : setFeature.offset), random.below(small), true);
    if (which === 1) view.setUint16(own + getFeature.count, random.below(small), true);
  }
  return bytes;
}
