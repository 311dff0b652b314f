/**
 * Which operation of an endpoint may be called in which scope: pdsfc_get_operations() and pdsfc_validate_rpc() of
 * drivers/fwctl/pds/main.c. The device itself says what it has; nothing of it is in the kernel.
 */
import { SCOPE } from '../../abi/fwctl.ts';
import { ATTRIBUTES, OTHER_NEEDS } from '../../abi/pds/attributes.ts';
import { commandOf, versionOf } from '../../abi/pds/rpc.ts';
import type { AdminQueue, PdsOperation } from '../../firmware/pds/adminq.ts';
import { Errno } from '../../kernel/errno.ts';

const NO_ENDPOINT = new Errno(
  'EINVAL',
  'the device has no endpoint of this number (in.ep)',
  'call one of those that its firmware lists',
);
const QUERY_FAILED = new Errno(
  'ENOMEM',
  "the firmware failed to list the endpoint's operations",
  'call again: the next call asks again',
);
const NO_OPERATION = new Errno(
  'EINVAL',
  'the endpoint has no such operation (in.op), or not in this version (bits 23 to 16)',
  'call one that the endpoint lists, in its version or an earlier one',
);
const NEEDS_SCOPE = Object.entries(SCOPE).map(([name, scope]) => {
  const attributes = ATTRIBUTES.filter(({ needs }) => needs === scope).map((row) => row.name);
  const attribute = attributes.length === 0 ? 'not one that the kernel knows' : attributes.join(' or ');
  const rule = `the operation needs scope ${name} (${scope}): its attribute on the device is ${attribute}`;
  return new Errno('EPERM', rule, `set fwctl_rpc.scope = ${name} (fwctl-emu scopes --driver pds)`);
});

const needsByAttribute: ReadonlyMap<number, number> = new Map(ATTRIBUTES.map(({ value, needs }) => [value, needs]));

export class Operations {
  private readonly queue: AdminQueue;
  private readonly endpoints: ReadonlySet<number>;
  /** By endpoint, once it has been called; kept for the device's life. */
  private readonly known = new Map<number, readonly PdsOperation[]>();

  constructor(queue: AdminQueue) {
    this.queue = queue;
    this.endpoints = new Set(queue.endpoints);
  }

  /** Throws EINVAL, EPERM, or ENOMEM where the firmware does not say what there is. */
  admit(ep: number, op: number, scope: number): void {
    if (!this.endpoints.has(ep)) throw NO_ENDPOINT;
    const command = commandOf(op);
    const version = versionOf(op);
    for (const { id, attribute } of this.known.get(ep) ?? this.ask(ep)) {
      if (commandOf(id) !== command || versionOf(id) < version) continue;
      // the first that fits, whatever comes behind it
      const needs = needsByAttribute.get(attribute) ?? OTHER_NEEDS;
      if (scope < needs) throw NEEDS_SCOPE[needs];
      return;
    }
    throw NO_OPERATION;
  }

  private ask(ep: number): readonly PdsOperation[] {
    let operations: readonly PdsOperation[];
    try {
      operations = this.queue.query(ep);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      throw QUERY_FAILED;
    }
    this.known.set(ep, operations);
    return operations;
  }
}
