/** A pds device in this process, and its calls with their payloads. */
import { type AbiProfile, abiProfile } from '../../../../src/abi/profiles.ts';
import { pdsFwctl } from '../../../../src/drivers/pds/driver.ts';
import type { AdminQueue } from '../../../../src/firmware/pds/adminq.ts';
import { DEFAULT_DEVICE } from '../../../../src/host/config/defaults.ts';
import { Faults } from '../../../../src/host/interceptors/faults/faults.ts';
import { FaultPlan } from '../../../../src/host/interceptors/faults/plan.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../src/host/machine/host.ts';
import type { FileOps } from '../../../../src/kernel/file-ops.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';
import { machine } from '../../fwctl/machine.ts';
import { readFault } from '../../host/interceptors/faults/read-fault.ts';

const HEADER = 48;

export interface Asked {
  readonly op?: number;
  readonly ep?: number;
  readonly scope?: number;
  readonly payload?: Uint8Array;
  /** Of the response, bytes. */
  readonly room?: number;
  /** Instead of the address of the payload. */
  readonly address?: bigint;
}

export interface Answered {
  readonly reply: Uint8Array;
  readonly retval: number;
  readonly response: Uint8Array;
}

export function overQueue(queue: AdminQueue): PdsClient {
  const { fwctl, transport } = machine();
  return new PdsClient(transport, fwctl.register(fwctl.alloc(), pdsFwctl(queue)).fileOps);
}

/** The machine's own, struck by these faults. */
export function withFaults(...faults: string[]): PdsClient {
  const plan = new FaultPlan();
  for (const text of faults) plan.add(readFault(text));
  const abi = abiProfile('latest') as AbiProfile;
  const host = new Host({ abi, clock: systemClock, drivers: DRIVERS, interceptors: [new Faults(plan, systemClock)] });
  const { fileOps } = host.plug({ ...DEFAULT_DEVICE, driver: 'pds', profile: 'pds-loopback' });
  return new PdsClient(new InprocessTransport(), fileOps);
}

export class PdsClient {
  private readonly transport: InprocessTransport;
  private readonly file: ReturnType<InprocessTransport['openDevice']>;

  constructor(transport: InprocessTransport, fileOps: FileOps) {
    this.transport = transport;
    this.file = transport.openDevice(fileOps);
  }

  /** Throws Errno. */
  call(asked: Asked = {}): Answered {
    const { request, response, scope } = this.prepared(asked);
    return answered(this.file.rpc(scope, request, HEADER), response);
  }

  async late(asked: Asked = {}): Promise<Answered> {
    const { request, response, scope } = this.prepared(asked);
    return answered(await this.file.rpcLate(scope, request, HEADER), response);
  }

  /** As the client has it in its memory. */
  rpc(scope: number, request: Uint8Array, outLength = HEADER): Uint8Array {
    return this.file.rpc(scope, request, outLength);
  }

  info() {
    return this.file.info();
  }

  private prepared({ op = 0x10001, ep = 1, scope = 3, payload = new Uint8Array(0), room = 40, address }: Asked) {
    const { memory } = this.transport;
    const at = memory.allocate(payload.length + 1);
    memory.view(at, payload.length).set(payload);
    const to = memory.allocate(room + 1);
    const response = memory.view(to, room).fill(0x55);
    const request = new DataView(new ArrayBuffer(HEADER));
    for (const [offset, value] of [
      [0, op],
      [4, ep],
      [12, payload.length],
      [24, 0xdddddddd],
      [36, room],
    ] as const)
      request.setUint32(offset, value, true);
    request.setBigUint64(16, address ?? BigInt(at), true);
    request.setBigUint64(40, BigInt(to), true);
    return { request: new Uint8Array(request.buffer), response, scope };
  }
}

function answered(reply: Uint8Array, response: Uint8Array): Answered {
  return { reply, retval: Buffer.from(reply).readUInt32LE(24), response };
}
