/** FWCTL_INFO: fwctl_cmd_info() of drivers/fwctl/main.c. */
import { fwctlInfo } from '../abi/fwctl.ts';
import { type Held, whenReleased } from '../abi/held.ts';
import { type Call, FRAME } from '../kernel/call.ts';
import { Errno } from '../kernel/errno.ts';
import { copyToUserZeroPad, respond } from '../kernel/ucmd.ts';
import type { FwctlUctx } from './device.ts';

const FLAGS = FRAME.ucmd + fwctlInfo.flags;
const OUT_DEVICE_TYPE = FRAME.ucmd + fwctlInfo.outDeviceType;
const DEVICE_DATA_LEN = FRAME.ucmd + fwctlInfo.deviceDataLen;
const OUT_DEVICE_DATA = FRAME.ucmd + fwctlInfo.outDeviceData;

const FLAGS_SET = new Errno('EOPNOTSUPP', 'flags of fwctl_info is not 0', 'set flags to 0');

/**
 * A caller that gives no room (device_data_len 0) is not told the length either: the driver is not asked at all. A
 * driver without info op has no data (mainline; the v2 core would have crashed, and is not followed there).
 */
export function fwctlCmdInfo(uctx: FwctlUctx, call: Call): number | Held<number> {
  const { view } = call;
  const { ops } = uctx.device;
  if (view.getUint32(FLAGS, true) !== 0) throw FLAGS_SET;
  const userLength = view.getUint32(DEVICE_DATA_LEN, true);
  if (userLength === 0 || ops.info === undefined) return answer(call, ops.deviceType, userLength, 0);
  return whenReleased(ops.info(uctx.context, call.out, call), (length) =>
    answer(call, ops.deviceType, userLength, length),
  );
}

function answer(call: Call, deviceType: number, userLength: number, length: number): number {
  if (userLength !== 0) copyToUserZeroPad(call, OUT_DEVICE_DATA, userLength, FRAME.out, length);
  call.view.setUint32(OUT_DEVICE_TYPE, deviceType, true);
  call.view.setUint32(DEVICE_DATA_LEN, length, true);
  return respond(call, fwctlInfo.bytes);
}
