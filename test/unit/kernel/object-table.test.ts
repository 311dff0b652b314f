import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Held } from '../../../src/abi/held.ts';
import {
  KernelObject,
  ObjectTable,
  type ObjectTableOptions,
  type ObjectType,
} from '../../../src/kernel/object-table.ts';

const TYPES: readonly ObjectType[] = [1, 2, 3].map((order) => ({ name: `type ${order}`, order }));
const OPTIONS: ObjectTableOptions = { maxId: 1000, release: 'passes', destroyWaits: true };

class Logged extends KernelObject {
  private readonly log: string[];

  constructor(type: number, log: string[]) {
    super(TYPES[type - 1] as ObjectType);
    this.log = log;
  }

  override destroyed(): void {
    this.log.push(`${this.type.order}:${this.id}`);
  }
}

function make(table: ObjectTable, log: string[], type: number, parents: readonly KernelObject[] = []): Logged {
  const object = new Logged(type, log);
  table.reserve(object, parents);
  table.publish(object);
  return object;
}

function tree(options: Partial<ObjectTableOptions>): string[] {
  const log: string[] = [];
  const table = new ObjectTable({ ...OPTIONS, ...options });
  const parent = make(table, log, 3);
  const middle = make(table, log, 2, [parent]);
  make(table, log, 1, [middle]);
  make(table, log, 1, [parent]);
  const other = make(table, log, 3);
  make(table, log, 2, [other]);
  table.release();
  return log;
}

describe('ObjectTable', () => {
  it('keeps a reserved id from everybody until it is published, and frees it on abort', () => {
    const log: string[] = [];
    const table = new ObjectTable(OPTIONS);
    const parent = make(table, log, 3);
    const object = new Logged(1, log);
    table.reserve(object, [parent]);
    assert.equal(object.id, 2);
    assert.throws(() => table.find(2), { name: 'ENOENT' });
    assert.throws(() => table.destroy(2), { name: 'ENOENT' });
    assert.throws(() => table.destroy(1), { name: 'EBUSY' });
    assert.equal(make(table, log, 1).id, 3);
    table.abort(object);
    assert.equal(parent.users, 0);
    assert.equal(make(table, log, 1).id, 2);
    assert.deepEqual(log, []);
  });

  it('looks up by type', () => {
    const table = new ObjectTable(OPTIONS);
    const object = make(table, [], 2);
    assert.equal(table.find(1, TYPES[1]), object);
    assert.throws(() => table.find(1, TYPES[0]), { name: 'ENOENT' });
    assert.throws(() => table.find(0), { name: 'ENOENT' });
  });

  it('says ENOMEM when the ids are used up', () => {
    const table = new ObjectTable({ ...OPTIONS, maxId: 2 });
    make(table, [], 1);
    make(table, [], 1);
    assert.throws(() => make(table, [], 1), { name: 'ENOMEM' });
  });

  it('lets a destroy wait for every holder, and hides the object meanwhile', () => {
    const log: string[] = [];
    const table = new ObjectTable(OPTIONS);
    const object = make(table, log, 1);
    table.hold(1);
    table.hold(1);
    const answer = table.destroy(1);
    assert.ok(answer instanceof Held);
    assert.throws(() => table.find(1), { name: 'ENOENT' });
    assert.throws(() => table.destroy(1), { name: 'ENOENT' });
    assert.equal(make(table, log, 1).id, 2, 'the id is not reused');
    table.letGo(object);
    assert.equal(answer.released, false);
    table.letGo(object);
    assert.equal(answer.get(), 0);
    assert.deepEqual(log, ['1:1']);
    assert.equal(make(table, log, 1).id, 1);
  });

  it('ends a waiting destroy with EBUSY when a user has come, and the object is found again', () => {
    const table = new ObjectTable(OPTIONS);
    const object = make(table, [], 1);
    table.hold(1);
    const answer = table.destroy(1) as Held<number>;
    object.users++;
    table.letGo(object);
    assert.throws(() => answer.get(), { name: 'EBUSY' });
    assert.equal(table.find(1), object);
  });

  it('says EBUSY at once for a held object where destroy does not wait', () => {
    const table = new ObjectTable({ ...OPTIONS, destroyWaits: false });
    make(table, [], 1);
    table.hold(1);
    assert.throws(() => table.destroy(1), { name: 'EBUSY' });
  });

  it('destroys an object once when its context goes while a destroy of it waits', () => {
    const log: string[] = [];
    const table = new ObjectTable(OPTIONS);
    const object = make(table, log, 1);
    table.hold(1);
    const answer = table.destroy(1) as Held<number>;
    table.release();
    table.letGo(object);
    assert.equal(answer.get(), 0);
    assert.deepEqual(log, ['1:1']);
  });

  it('releases in passes, ids upwards', () => {
    assert.deepEqual(tree({ release: 'passes' }), ['1:3', '1:4', '2:6', '2:2', '3:5', '3:1']);
  });

  it('releases type by type', () => {
    assert.deepEqual(tree({ release: 'by-type' }), ['1:3', '1:4', '2:2', '2:6', '3:1', '3:5']);
  });

  it('leaves behind by passes, and drops without its destroy op by type, what has a user for ever', () => {
    for (const release of ['passes', 'by-type'] as const) {
      const log: string[] = [];
      const table = new ObjectTable({ ...OPTIONS, release });
      make(table, log, 3).users++;
      make(table, log, 1);
      table.release();
      assert.deepEqual(log, ['1:2']);
      assert.equal(table.size, release === 'passes' ? 1 : 0);
    }
  });

  it('is the graph that a naive model says', () => {
    const step = fc.record({
      make: fc.boolean(),
      id: fc.nat(12),
      parents: fc.uniqueArray(fc.nat(12), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const table = new ObjectTable(OPTIONS);
        const log: string[] = [];
        /** Parents by id. */
        const model = new Map<number, number[]>();
        const used = (id: number) => [...model.values()].some((parents) => parents.includes(id));
        for (const { make: create, id, parents } of steps) {
          if (create) {
            const known = parents.filter((parent) => model.has(parent));
            let lowest = 1;
            while (model.has(lowest)) lowest++;
            const object = make(
              table,
              log,
              1,
              known.map((parent) => table.find(parent)),
            );
            assert.equal(object.id, lowest);
            model.set(lowest, known);
          } else if (!model.has(id)) assert.throws(() => table.destroy(id), { name: 'ENOENT' });
          else if (used(id)) assert.throws(() => table.destroy(id), { name: 'EBUSY' });
          else {
            assert.equal(table.destroy(id), 0);
            model.delete(id);
          }
          for (const known of model.keys()) {
            const users = [...model.values()].filter((list) => list.includes(known)).length;
            assert.equal(table.find(known).users, users);
          }
        }
        const before = log.length;
        table.release();
        assert.equal(table.size, 0);
        assert.equal(log.length - before, model.size);
      }),
    );
  });
});
