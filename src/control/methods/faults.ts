/** fault add, list, remove, release: what goes wrong from now on, written as for --fault (faults/parse.ts). */
import { parseFault } from '../../host/interceptors/faults/parse.ts';
import type { FaultPlan, FaultStatus } from '../../host/interceptors/faults/plan.ts';
import { columns } from '../columns.ts';
import { type Method, method } from '../method.ts';
import { ControlError } from '../protocol.ts';

const FAULT_SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'integer', description: 'for remove and release; never used again' },
    text: { type: 'string', description: 'as it was written' },
    calls: { type: 'integer', description: 'calls that it matched' },
    strikes: { type: 'integer', description: 'calls that it struck' },
    held: { type: 'integer', description: 'answers that it holds back now' },
  },
} as const;

const ID = {
  kind: 'integer',
  about: 'Its number, as fault list shows it',
  required: true,
  argument: 'ID',
  max: 0xffffffff,
  example: 1,
} as const;

function statusOf(plan: FaultPlan, id: number): FaultStatus {
  const status = plan.list().find((fault) => fault.id === id);
  if (status !== undefined) return status;
  const ids = plan.list().map((fault) => fault.id);
  const there = ids.length === 0 ? 'there is none' : `there are ${ids.join(', ')}`;
  throw new ControlError(404, 'no_such_fault', `there is no fault ${id} (${there})`);
}

export const FAULT_METHODS: readonly Method[] = [
  method({
    verb: 'fault add',
    http: 'POST',
    path: '/v1/faults',
    about: 'let calls fail, be late, or be answered wrongly',
    help: `A fault is WHAT[:KEY=VALUE]..., e.g. rpc:opcode=QUERY_HCA_CAP:error=EIO:when=3; docs/faults.md has all keys.

Examples:
  fwctl-emu fault add rpc:register=MGIR:status=BAD_PARAM
  fwctl-emu fault add rpc:probability=5%:seed=1:delay=20ms
  fwctl-emu fault add open:error=EBUSY:count=1
  fwctl-emu fault add ioctl:command=IOAS_MAP:error=ENOMEM:when=3`,
    params: {
      fault: {
        kind: 'text',
        about: 'The fault',
        required: true,
        argument: 'FAULT',
        max: 4096,
        example: 'rpc:opcode=NOP:error=EIO',
      },
    },
    answer: FAULT_SCHEMA,
    async handle({ fault }, { faults: plan, messages }) {
      const problems: string[] = [];
      const complain = (column: number, message: string) => void problems.push(`column ${column}: ${message}`);
      const spec = parseFault(fault, await messages(), complain);
      if (spec === undefined) throw new ControlError(400, 'bad_fault', problems.join('\n'));
      return statusOf(plan, plan.add(spec));
    },
    text: ({ id, text }) => `${id} ${text}`,
  }),
  method({
    verb: 'fault list',
    http: 'GET',
    path: '/v1/faults',
    about: 'list the faults, and how often each has struck',
    params: {},
    answer: { type: 'object', properties: { faults: { type: 'array', items: FAULT_SCHEMA } } },
    handle: (_, { faults }) => ({ faults: faults.list() }),
    text: ({ faults }) =>
      faults.length === 0
        ? 'no faults'
        : columns([
            ['ID', 'CALLS', 'STRIKES', 'HELD', 'FAULT'],
            ...faults.map(({ id, calls, strikes, held, text }) => [`${id}`, `${calls}`, `${strikes}`, `${held}`, text]),
          ]),
  }),
  method({
    verb: 'fault remove',
    http: 'DELETE',
    path: '/v1/faults/{id}',
    about: 'take a fault away; answers that it holds are let go',
    params: { id: ID },
    answer: FAULT_SCHEMA,
    handle({ id }, { faults: plan }) {
      const status = statusOf(plan, id);
      plan.remove(id);
      return status;
    },
    text: ({ id, strikes }) => `fault ${id} is gone; it struck ${strikes} ${strikes === 1 ? 'time' : 'times'}`,
  }),
  method({
    verb: 'fault release',
    http: 'POST',
    path: '/v1/faults/{id}/release',
    about: 'let go the answers that a fault holds back (hang); the fault stays',
    params: { id: ID },
    answer: { type: 'object', properties: { released: { type: 'integer' } } },
    handle({ id }, { faults: plan }) {
      statusOf(plan, id);
      return { released: plan.release(id) ?? 0 };
    },
    text: ({ released }) => `${released} ${released === 1 ? 'answer' : 'answers'} let go`,
  }),
];
