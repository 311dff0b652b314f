/** RPCs to a bnxt device with the rules of Linux 7.3. */
import { BUFFER_REQUESTS } from '../../src/abi/bnxt/buffers.ts';
import { HWRM_MAX_REQ_LEN, requestHeader } from '../../src/abi/bnxt/hwrm.ts';
import { BNXT_SHAPE } from '../../src/abi/bnxt/profile-shape.ts';
import { OverrideError } from '../../src/abi/override-error.ts';
import { flatValues, isOfPowerUp, withValue } from '../../src/abi/profile-values.ts';
import { ABI_PROFILES, type AbiProfile } from '../../src/abi/profiles.ts';
import { BNXT57508 } from '../../src/devices/bnxt/bnxt57508.ts';
import { bnxtDialect } from '../../src/drivers/bnxt/dialect/dialect.ts';
import { bnxtMessages } from '../../src/drivers/bnxt/dialect/messages.ts';
import { bnxtFwctl } from '../../src/drivers/bnxt/driver.ts';
import { SCOPE_TABLE } from '../../src/drivers/bnxt/scope-table.ts';
import { BnxtFirmware } from '../../src/firmware/bnxt/firmware.ts';
import { Undelivered } from '../../src/firmware/bnxt/hwrm.ts';
import { Loopback } from '../../src/firmware/bnxt/loopback.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { driverCalls, place } from './driver-calls.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

export function bnxtCalls(): FuzzTarget {
  const firmware = new Loopback();
  return driverCalls({
    ops: bnxtFwctl(firmware, ABI_PROFILES.at(-1) as AbiProfile) as FwctlOps<unknown>,
    dialect: bnxtDialect,
    messages: bnxtMessages,
    request: requestOf,
    firmware(random) {
      const { options } = firmware;
      options.errorCode = random.chance(10) ? random.below(0x10000) : 0;
      options.responseBytes = random.chance(80) ? 40 : 16 + random.below(300);
      options.stopped = random.chance(2);
      const undelivered = random.chance(5);
      options.deliver = () => {
        if (undelivered) throw new Undelivered('EBUSY');
      };
    },
  });
}

/** The emulated firmware: any request, and a value changed by an operator now and then. */
export function bnxtFirmwareCalls(): FuzzTarget {
  let { values } = BNXT57508;
  const firmware = new BnxtFirmware(values, [], systemClock);
  const paths = [...flatValues(values).keys()].filter((path) => !isOfPowerUp(BNXT_SHAPE, path));
  const target = driverCalls({
    ops: bnxtFwctl(firmware, ABI_PROFILES.at(-1) as AbiProfile) as FwctlOps<unknown>,
    dialect: bnxtDialect,
    messages: bnxtMessages,
    request: requestOf,
    firmware(random) {
      if (random.chance(2)) firmware.restoreState(firmware.saveState());
      if (!random.chance(5)) return;
      const path = random.pick(paths);
      try {
        values = withValue(BNXT_SHAPE, firmware.liveValues(), path, random.oddNumber());
      } catch (error) {
        if (error instanceof OverrideError) return;
        throw error;
      }
      firmware.adopt(values, path);
    },
  });
  return { ...target, name: 'bnxt-firmware' };
}

function requestOf(random: Random): Uint8Array {
  const { type } = random.pick(SCOPE_TABLE);
  const known = BUFFER_REQUESTS.get(type);
  const likely = known?.requestBytes ?? 16 + random.below(HWRM_MAX_REQ_LEN - 15);
  const bytes = random.bytes(random.chance(90) ? likely : random.below(HWRM_MAX_REQ_LEN + 8));
  const view = new DataView(bytes.buffer);
  if (bytes.length >= 2) view.setUint16(requestHeader.reqType, random.chance(90) ? type : random.u32() & 0xffff, true);
  for (const { address, length } of known?.buffers ?? []) {
    if (bytes.length >= address + 8) view.setBigUint64(address, place(random), true);
    if (typeof length === 'number' || bytes.length < length.at + length.bits / 8) continue;
    const value = random.chance(90) ? random.below(5000) : random.oddNumber();
    if (length.bits === 16) view.setUint16(length.at, value & 0xffff, true);
    else view.setUint32(length.at, value, true);
  }
  return bytes;
}
