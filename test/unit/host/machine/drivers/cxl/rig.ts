/** A machine with CXL devices, and what a client asks of one, for the tests beside this file. */
import assert from 'node:assert/strict';
import { abiProfile } from '../../../../../../src/abi/profiles.ts';
import type { DeviceSpec } from '../../../../../../src/host/config/device-spec.ts';
import { systemClock } from '../../../../../../src/host/machine/clock.ts';
import { CXL_DRIVER } from '../../../../../../src/host/machine/drivers/cxl.ts';
import { DRIVERS } from '../../../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../../../src/host/machine/host.ts';
import type { HostDevice } from '../../../../../../src/host/machine/host-device.ts';
import type { StateStore } from '../../../../../../src/host/machine/state-store.ts';
import { InprocessTransport } from '../../../../../../src/transport/inprocess.ts';
import { get, set } from '../../../../drivers/cxl/rig.ts';

export const SPEC: DeviceSpec & { readonly pci: string } = {
  driver: 'cxl',
  profile: 'cxl-type3',
  pci: '0000:00:0a.0',
  mode: 0o600,
  uid: 0,
  gid: 0,
  overrides: {},
};

/** `firmware`: a module's path. */
export async function machine(states?: StateStore, firmware?: string): Promise<Host> {
  const abi = abiProfile('latest');
  assert.ok(abi);
  const prepared = new Map([
    ['cxl', await CXL_DRIVER.prepare?.([{ ...SPEC, ...(firmware && { keys: { firmware } }) }])],
  ]);
  return new Host({ abi, clock: systemClock, drivers: DRIVERS, prepared, ...(states && { states }) });
}

export class Client {
  private readonly file;

  constructor({ fileOps }: HostDevice) {
    this.file = new InprocessTransport().openDevice(fileOps);
  }

  rpc(request: readonly number[], outLength = 8192, scope = 3): Uint8Array {
    return this.file.rpc(scope, Uint8Array.from(request), outLength);
  }

  /** Data, in hex; or the return code. */
  read(uuid: string, count: number, selection = 0): string | number {
    const reply = this.rpc(get(uuid, count, 0, selection));
    const [size = 0, retval = 0] = new Uint32Array(reply.slice(0, 8).buffer);
    return retval === 0 ? Buffer.from(reply.subarray(8, 8 + size)).toString('hex') : retval;
  }

  /** The return code. */
  write(uuid: string, data: readonly number[]): number {
    return new Uint32Array(this.rpc(set(uuid, data)).slice(0, 8).buffer)[1] ?? 0;
  }
}
