/**
 * A machine's /dev/iommu in this process, and ioctls from words:
 * what the tests of faults, counters and recordings ask it.
 */
import assert from 'node:assert/strict';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import type { DeviceSpec } from '../../../../src/host/config/device-spec.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host, type HostOptions } from '../../../../src/host/machine/host.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';

export const IOMMUFD: DeviceSpec = {
  driver: 'iommufd',
  profile: 'iommufd',
  mode: 0o660,
  uid: 0,
  gid: 0,
  overrides: {},
};

export type Word = number | bigint;

/** A structure of u32 (numbers) and u64 (bigints) one behind the other. */
export function words(...values: readonly Word[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.reduce((sum: number, word) => sum + bytesOf(word), 0)));
  let at = 0;
  for (const word of values) {
    if (typeof word === 'bigint') view.setBigUint64(at, word, true);
    else view.setUint32(at, word, true);
    at += bytesOf(word);
  }
  return new Uint8Array(view.buffer);
}

const bytesOf = (word: Word): number => (typeof word === 'bigint' ? 8 : 4);

/** An open file of /dev/iommu or /dev/vfio/vfio. */
export class IommuFile {
  readonly transport = new InprocessTransport();
  readonly file;
  /** Where each structure is put. */
  readonly argument: number;
  /** 1 MiB for arrays. */
  readonly array: number;

  readonly host: Host;

  constructor(host: Host, node = 'iommu', spec: DeviceSpec = IOMMUFD) {
    this.host = host;
    const device = host.devices().find(({ name }) => name === 'iommu') ?? host.plug(spec);
    const found = device.nodes.find(({ name }) => name === node);
    assert.ok(found);
    this.argument = this.transport.memory.allocate(4096);
    this.array = this.transport.memory.allocate(0x100000);
    this.file = this.transport.openDevice(found.fileOps);
  }

  /** The result, 0 or -errno, of an ioctl; what it wrote is in `out`. */
  call(cmd: number, ...values: readonly Word[]): number {
    this.put(values);
    return this.value(cmd, this.argument);
  }

  /** The same with the argument as it is. */
  value(cmd: number, argument: number): number {
    const answer = this.file.ioctl(cmd, argument);
    assert.ok(typeof answer === 'number', 'it is held back');
    return answer;
  }

  /** The same of one that may be held back. */
  late(cmd: number, ...values: readonly Word[]): Promise<number> {
    this.put(values);
    return this.file.ioctlLate(cmd, this.argument);
  }

  u32(offset: number): number {
    return this.view(this.argument, 4096).getUint32(offset, true);
  }

  u64(offset: number): bigint {
    return this.view(this.argument, 4096).getBigUint64(offset, true);
  }

  view(address: number, length: number): DataView {
    const bytes = this.transport.memory.view(address, length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  private put(values: readonly Word[]): void {
    const bytes = this.transport.memory.view(this.argument, 4096);
    bytes.fill(0);
    bytes.set(words(...values));
  }
}

export function iommuHost(options: Partial<HostOptions> = {}): Host {
  const abi = abiProfile('latest');
  assert.ok(abi);
  return new Host({ abi, clock: systemClock, drivers: DRIVERS, ...options });
}
