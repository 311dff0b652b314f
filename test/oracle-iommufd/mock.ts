/**
 * The test objects of the kernels that recorded golden/rfc and golden/v3 (oracle README, "The mock of v3/rfc"): four
 * types that can be made from one another, held for a while, and kept. Numbers 0x3ba0 to 0x3ba4, on the emulator's own
 * dispatch.
 */
import { Held } from '../../src/abi/held.ts';
import { io } from '../../src/abi/ioctl-number.ts';
import type { IommufdContext } from '../../src/iommufd/context.ts';
import { setU32, setU64, u32, u64 } from '../../src/iommufd/fields.ts';
import type { IommufdRow } from '../../src/iommufd/ioctls.ts';
import type { Call } from '../../src/kernel/call.ts';
import { Errno } from '../../src/kernel/errno.ts';
import { KernelObject, type ObjectType } from '../../src/kernel/object-table.ts';
import { respond } from '../../src/kernel/ucmd.ts';

/** Takes a line of the destroy log, with its newline. */
export type MockLog = (line: string) => void;

const TYPES: readonly ObjectType[] = ['child', 'mid', 'parent', 'last'].map((name, i) => ({ name, order: i + 1 }));

const BAD_FLAGS = new Errno('EOPNOTSUPP', 'mock: flags');
const BAD_TYPE = new Errno('EINVAL', 'mock: type');
const NOT_KEPT = new Errno('EINVAL', 'mock: nothing kept');
const NO_MEMORY = new Errno('ENOMEM', 'mock: fail 1');
const FAILED = new Errno('EIO', 'mock: fail 2');
const NO_SUCH_TYPE = new Errno('ENOENT', 'mock: no such type');

class MockObject extends KernelObject {
  /** Users that M_HOLD left behind. */
  kept = 0;
  private readonly log: MockLog;

  constructor(type: ObjectType, log: MockLog) {
    super(type);
    this.log = log;
  }

  override destroyed(): void {
    this.log(`destroy ${this.type.order} ${this.id}\n`);
  }
}

const alloc = { flags: 4, type: 8, parent: 12, ptype: 16, outId: 20, fail: 24, ms: 28, bytes: 32, minBytes: 24 };
const hold = { flags: 4, id: 8, type: 12, ms: 16, bytes: 20 };
const drop = { id: 4, bytes: 8 };
const probe = { id: 4, type: 8, outUsers: 12, bytes: 16 };
const echo = { a: 4, b: 8, c: 12, d: 16, bytes: 24, minBytes: 12 };

/**
 * The rows, for `iommufdFileOps({ further })`. `pace`: what takes
 * ms milliseconds takes so many times as long (iox's IOX_PACE).
 */
export function mockRows(log: MockLog, pace = 1): readonly IommufdRow[] {
  const row = (name: string, nr: number, size: number, minSize: number, execute: IommufdRow['execute']): IommufdRow => {
    return { name, number: io(0x3b, nr), size, minSize, execute };
  };
  return [
    row('M_ALLOC', 0xa0, alloc.bytes, alloc.minBytes, (context, call) => mockAlloc(context, call, log, pace)),
    row('M_HOLD', 0xa1, hold.bytes, hold.bytes, (context, call) => mockHold(context, call, pace)),
    row('M_DROP', 0xa2, drop.bytes, drop.bytes, mockDrop),
    row('M_PROBE', 0xa3, probe.bytes, probe.bytes, mockProbe),
    row('M_ECHO', 0xa4, echo.bytes, echo.minBytes, mockEcho),
  ];
}

/** 0 is any type. */
function typeOf(number: number): ObjectType | undefined {
  if (number === 0) return undefined;
  const type = TYPES[number - 1];
  if (type === undefined) throw NO_SUCH_TYPE;
  return type;
}

function find(context: IommufdContext, id: number, type: number): MockObject {
  return context.objects.find(id, typeOf(type)) as MockObject;
}

function mockAlloc(context: IommufdContext, call: Call, log: MockLog, pace: number): number | Held<number> {
  if (u32(call, alloc.flags) !== 0) throw BAD_FLAGS;
  const type = TYPES[u32(call, alloc.type) - 1];
  if (type === undefined) throw BAD_TYPE;
  const parent = u32(call, alloc.parent);
  const parents = parent === 0 ? [] : [find(context, parent, u32(call, alloc.ptype))];
  const object = new MockObject(type, log);
  context.objects.reserve(object, parents);
  const fail = u32(call, alloc.fail);
  if (fail === 1) {
    log(`abort ${type.order} ${object.id}\n`);
    context.objects.abort(object);
    throw NO_MEMORY;
  }
  return later(u32(call, alloc.ms) * pace, () => {
    setU32(call, alloc.outId, object.id);
    try {
      if (fail === 2) throw FAILED;
      respond(call, alloc.bytes);
    } catch (error) {
      object.destroyed();
      context.objects.abort(object);
      throw error;
    }
    context.objects.publish(object);
    return 0;
  });
}

function mockHold(context: IommufdContext, call: Call, pace: number): number | Held<number> {
  const flags = u32(call, hold.flags);
  if (flags > 1) throw BAD_FLAGS;
  const object = context.objects.hold(u32(call, hold.id), typeOf(u32(call, hold.type))) as MockObject;
  return later(u32(call, hold.ms) * pace, () => {
    if (flags === 1) {
      object.kept++;
      object.users++;
    }
    context.objects.letGo(object);
    return 0;
  });
}

function mockDrop(context: IommufdContext, call: Call): number {
  const object = find(context, u32(call, drop.id), 0);
  if (object.kept === 0) throw NOT_KEPT;
  object.kept--;
  object.users--;
  return 0;
}

function mockProbe(context: IommufdContext, call: Call): number {
  const object = find(context, u32(call, probe.id), u32(call, probe.type));
  setU32(call, probe.type, object.type.order);
  // the table's own, and one for each call that holds it
  setU32(call, probe.outUsers, 1 + object.users + object.holders);
  return respond(call, probe.bytes);
}

function mockEcho(_context: IommufdContext, call: Call): number {
  setU32(call, echo.a, ~u32(call, echo.a) >>> 0);
  setU32(call, echo.b, u32(call, 0));
  setU32(call, echo.c, u32(call, echo.c) + 1);
  setU64(call, echo.d, BigInt.asUintN(64, u64(call, echo.d) + 1n));
  return respond(call, echo.bytes);
}

/**
 * `act` now, or after that many milliseconds: what it throws, the
 * call throws. It runs when the time is over, not when collected.
 */
function later(ms: number, act: () => number): number | Held<number> {
  if (ms === 0) return act();
  const held = new Held<number>();
  setTimeout(() => {
    let produce: () => number;
    try {
      const result = act();
      produce = () => result;
    } catch (error) {
      produce = () => {
        throw error;
      };
    }
    held.release(produce);
  }, ms);
  return held;
}
