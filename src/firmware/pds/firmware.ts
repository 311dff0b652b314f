/**
 * A DSC's firmware as its profile describes it: which endpoints there are, which operations each has, what each
 * answers. What real operations do is not public (include/linux/pds/pds_adminq.h has the envelope alone).
 */
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import { type PdsOperationValues, type PdsReply, type PdsValues, readReply } from '../../abi/pds/device-profile.ts';
import { commandOf, versionOf } from '../../abi/pds/rpc.ts';
import { STATUSES } from '../../abi/pds/status.ts';
import type { AdminQueue, PdsCommand, PdsCompletion, PdsOperation } from './adminq.ts';

const DONE: PdsCompletion = { status: 0, err: 0 };
const NOTHING = new Uint8Array(0);
/** Never met behind the kernel's driver, which asks for what there is. Invented: no source says which status. */
const NO_ENDPOINT = refusal('ENOENT');
const NO_OPERATION = refusal('EOPCODE');

class Operation implements PdsOperation {
  readonly id: number;
  readonly attribute: number;
  reply: PdsReply;
  status: number;
  retval: number;
  /** What it was last sent. */
  last: Uint8Array = NOTHING;

  constructor(id: number, { attribute, reply, status, retval }: PdsOperationValues) {
    this.id = id;
    this.attribute = attribute;
    this.reply = readReply(reply);
    this.status = status;
    this.retval = retval;
  }
}

export class PdsFirmware implements AdminQueue {
  readonly maxRequest: number;
  readonly maxResponse: number;
  readonly endpoints: readonly number[];
  private values: PdsValues;
  private made: ReadonlyMap<number, readonly Operation[]> | undefined;

  constructor(values: PdsValues) {
    this.values = values;
    this.maxRequest = values.max_req_sz;
    this.maxResponse = values.max_resp_sz;
    this.endpoints = Object.keys(values.endpoints).map(Number);
  }

  /** By endpoint, each in the profile's order; made when first asked for: most of thousands of devices never are. */
  private get operations(): ReadonlyMap<number, readonly Operation[]> {
    this.made ??= new Map(
      Object.entries(this.values.endpoints).map(([ep, { operations }]) => [
        Number(ep),
        Object.entries(operations).map(([id, row]) => new Operation(Number(id), row)),
      ]),
    );
    return this.made;
  }

  query(ep: number): readonly PdsOperation[] {
    return this.operations.get(ep) ?? [];
  }

  /** Of rows with one command, the first whose version reaches: as pdsfc_validate_rpc() admits them. */
  rpc({ op, ep, request, response }: PdsCommand): PdsCompletion {
    const operations = this.operations.get(ep);
    if (operations === undefined) return NO_ENDPOINT;
    const operation = operations.find(({ id }) => commandOf(id) === commandOf(op) && versionOf(id) >= versionOf(op));
    if (operation === undefined) return NO_OPERATION;
    const { status, retval, reply } = operation;
    if (status !== 0) return { status, err: 0 };
    if (retval !== 0) return { status: 0, err: retval };
    const bytes = answerOf(reply, request, operations);
    response.bytes.set(bytes.subarray(0, response.length));
    operation.last = request.bytes.slice(0, request.length);
    return DONE;
  }

  liveValues(): PdsValues {
    return this.values;
  }

  /** What operations answer from now on; which there are, the driver has asked already. False: they are others. */
  adopt(values: PdsValues): boolean {
    const rows = [...this.operations].flatMap(([ep, operations]) =>
      operations.map((one) => [one, values.endpoints[hex(ep)]?.operations[hex(one.id)]] as const),
    );
    const told = Object.values(values.endpoints).flatMap(({ operations }) => Object.keys(operations));
    if (told.length !== rows.length || Object.keys(values.endpoints).length !== this.operations.size) return false;
    for (const [operation, row] of rows) {
      if (row === undefined) return false;
      operation.reply = readReply(row.reply);
      operation.status = row.status;
      operation.retval = row.retval;
    }
    this.values = values;
    return true;
  }
}

function hex(id: number): string {
  return `0x${id.toString(16)}`;
}

function refusal(name: string): PdsCompletion {
  const status = STATUSES.find((row) => row.name === name)?.status;
  if (status === undefined) throw new Error(`no status ${name}`);
  return { status, err: 0 };
}

function answerOf(reply: PdsReply, request: MessageBuffer, operations: readonly Operation[]): Uint8Array {
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
