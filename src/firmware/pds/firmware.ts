/**
 * A DSC's firmware as its profile describes it: which endpoints there are, which operations each has, what each
 * answers. What real operations do is not public (include/linux/pds/pds_adminq.h has the envelope alone).
 */
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { PdsDeviceProfile, PdsOperationProfile, PdsReply } from '../../abi/pds/device-profile.ts';
import { commandOf, versionOf } from '../../abi/pds/rpc.ts';
import { STATUSES } from '../../abi/pds/status.ts';
import type { AdminQueue, PdsCommand, PdsCompletion, PdsOperation } from './adminq.ts';

const DONE: PdsCompletion = { status: 0, err: 0 };
const NOTHING = new Uint8Array(0);

/** One operation of one endpoint; what it answers may change while the device runs. */
export interface RunningOperation extends PdsOperation {
  reply: PdsReply;
  status: number;
  retval: number;
  /** What it was last sent. */
  last: Uint8Array;
}

export class PdsFirmware implements AdminQueue {
  readonly maxRequest: number;
  readonly maxResponse: number;
  readonly endpoints: readonly number[];
  /** By endpoint, each in the profile's order. */
  readonly operations: ReadonlyMap<number, readonly RunningOperation[]>;

  constructor({ identity, endpoints }: Pick<PdsDeviceProfile, 'identity' | 'endpoints'>) {
    this.maxRequest = identity.max_req_sz;
    this.maxResponse = identity.max_resp_sz;
    this.endpoints = endpoints.map(({ id }) => id);
    this.operations = new Map(endpoints.map(({ id, operations }) => [id, operations.map(running)]));
  }

  query(ep: number): readonly PdsOperation[] {
    return this.operations.get(ep) ?? [];
  }

  /** Of rows with one command, the first whose version reaches: as pdsfc_validate_rpc() admits them. */
  rpc({ op, ep, request, response }: PdsCommand): PdsCompletion {
    const operations = this.operations.get(ep);
    if (operations === undefined) return NO_ENDPOINT;
    const operation = operations.find(
      (row) => commandOf(row.id) === commandOf(op) && versionOf(row.id) >= versionOf(op),
    );
    if (operation === undefined) return NO_OPERATION;
    const { status, retval, reply } = operation;
    if (status !== 0) return { status, err: 0 };
    if (retval !== 0) return { status: 0, err: retval };
    const bytes = answerOf(reply, request, operations);
    response.bytes.set(bytes.subarray(0, response.length));
    operation.last = request.bytes.slice(0, request.length);
    return DONE;
  }
}

/** Never met behind the kernel's driver, which asks for what there is. Invented: no source says which status. */
const NO_ENDPOINT = refusal('ENOENT');
const NO_OPERATION = refusal('EOPCODE');

function refusal(name: string): PdsCompletion {
  const status = STATUSES.find((row) => row.name === name)?.status;
  if (status === undefined) throw new Error(`no status ${name}`);
  return { status, err: 0 };
}

function running({ id, attribute, reply, status, retval }: PdsOperationProfile): RunningOperation {
  return { id, attribute, reply, status, retval, last: NOTHING };
}

function answerOf(reply: PdsReply, request: MessageBuffer, operations: readonly RunningOperation[]): Uint8Array {
  switch (reply.kind) {
    case 'none':
      return NOTHING;
    case 'echo':
      return request.bytes.subarray(0, request.length);
    case 'bytes':
      return reply.bytes;
    case 'last':
      return operations.find(({ id }) => commandOf(id) === reply.of)?.last ?? NOTHING;
  }
}
