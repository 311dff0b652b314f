/** taint, dmesg, reset: the emulated kernel's own state. */
import { isFunction } from '../../host/machine/host.ts';
import { TAINT_FWCTL } from '../../kernel/taint.ts';
import { type AnswerOf, type Method, method } from '../method.ts';
import { savedConfig } from '../saved-config.ts';
import { refusedFor } from '../spec-reader.ts';

const TAINT_SCHEMA = {
  type: 'object',
  properties: {
    value: { type: 'integer', description: 'as in /proc/sys/kernel/tainted' },
    flags: { type: 'array', items: { type: 'string' } },
  },
} as const;
type TaintAnswer = AnswerOf<typeof TAINT_SCHEMA>;

function taintAnswer(value: number): TaintAnswer {
  const set = Math.floor(value / 2 ** TAINT_FWCTL.bit) % 2 === 1;
  return { value, flags: set ? [TAINT_FWCTL.name] : [] };
}

const taintText = ({ value, flags }: TaintAnswer) => `${value}${flags.length === 0 ? '' : ` ${flags.join(' ')}`}`;

export const MACHINE_METHODS: readonly Method[] = [
  method({
    verb: 'taint',
    http: 'GET',
    path: '/v1/taint',
    about: "tell the emulated kernel's taint mask",
    help: '524288 is TAINT_FWCTL: a client made an RPC of scope DEBUG_WRITE or DEBUG_WRITE_FULL.',
    params: {},
    answer: TAINT_SCHEMA,
    handle: (_, { host }) => taintAnswer(host.taint.value),
    text: taintText,
  }),
  method({
    verb: 'taint clear',
    http: 'DELETE',
    path: '/v1/taint',
    about: 'clear the taint, as only a boot does to a kernel',
    help: 'The warning in the log comes again with the next RPC that taints.',
    params: {},
    answer: TAINT_SCHEMA,
    handle(_, { host }) {
      host.taint.clear();
      return taintAnswer(host.taint.value);
    },
    text: taintText,
  }),
  method({
    verb: 'dmesg',
    http: 'GET',
    path: '/v1/log',
    about: "print the emulated kernel's log",
    params: {},
    answer: {
      type: 'object',
      properties: {
        records: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              sequence: { type: 'integer' },
              level: { type: 'integer', description: '0 emergency to 7 debug' },
              seconds: { type: 'number', description: 'monotonic clock' },
              text: { type: 'string' },
            },
          },
        },
      },
    },
    handle: (_, { host }) => ({
      records: host.kmsg.records().map(({ sequence, level, monotonicNs, text }) => ({
        sequence,
        level,
        seconds: Math.floor(monotonicNs / 1000) / 1e6,
        text,
      })),
    }),
    text: ({ records }) =>
      records.map(({ seconds, text }) => `[${seconds.toFixed(6).padStart(12)}] ${printable(text)}`).join('\n'),
  }),
  method({
    verb: 'dmesg clear',
    http: 'DELETE',
    path: '/v1/log',
    about: 'empty the log',
    params: {},
    answer: { type: 'object', properties: {} },
    handle(_, { host }) {
      host.kmsg.clear();
      return {};
    },
    text: () => 'the log is empty',
  }),
  method({
    verb: 'save',
    http: 'GET',
    path: '/v1/config',
    about: 'print the machine as it is now, as a configuration',
    help: `Its devices, plugged ones too, what was set on them, and its faults; not what clients have written, open files, taint or log.

Example:
  fwctl-emu save > lab.yaml && fwctl-emu run -c lab.yaml -- mytool`,
    params: {},
    answer: { mediaType: 'application/yaml' },
    handle: (_, context) => savedConfig(context),
  }),
  method({
    verb: 'reset',
    http: 'POST',
    path: '/v1/reset',
    about: 'put the machine back to its start: devices, values, taint, log, counters',
    help: `Every device on a bus is unplugged and those of the start are plugged again; open files get ENODEV. What else has been changed (faults) is
undone; a trace or recording that runs goes on. For the state between two tests.`,
    params: {},
    answer: { type: 'object', properties: { devices: { type: 'array', items: { type: 'string' } } } },
    handle: (_, context, client) =>
      context.turns.take(async () => {
        const { host, stats, configured, onReset } = context;
        for (const undo of onReset) undo();
        const clear = () => {
          host.taint.clear();
          host.kmsg.clear();
          stats.forget();
        };
        try {
          return { devices: host.exchange(configured.filter(isFunction), clear).map(({ name }) => name) };
        } catch (error) {
          throw refusedFor(client, error);
        }
      }),
    text: ({ devices }) => `reset; plugged: ${devices.join(', ') || 'nothing'}`,
  }),
];

/** What a program chose (its comm) does not reach the terminal. */
function printable(text: string): string {
  return text.replace(/[^ -[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
