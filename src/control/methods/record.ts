/** record start, stop, status: every exchange with the devices from now on, in a file for `run --replay`. */
import type { RecordStatus } from '../../host/interceptors/recording/record-hub.ts';
import { findDevice } from '../find-device.ts';
import { type Method, method } from '../method.ts';
import { type Client, refuseOthers } from '../owner.ts';
import { ControlError } from '../protocol.ts';

const STATUS_SCHEMA = {
  type: 'object',
  properties: {
    state: { type: 'string', enum: ['none', 'recording', 'complete', 'failed'] },
    file: { type: ['string', 'null'], description: 'while it is not complete it is called FILE.part' },
    device: { type: ['string', 'null'], description: 'the only one that is recorded; null: all are' },
    masked: { type: 'array', items: { type: 'string' } },
    exchanges: { type: 'integer', description: 'opens, FWCTL_INFO, RPCs and closes that have ended' },
    bytes: { type: 'integer' },
    unanswered: { type: 'integer', description: 'calls in flight at its end, which are not in it' },
    unmet: { type: 'array', items: { type: 'string' }, description: 'masked names that nothing recorded has had' },
    failure: { type: ['string', 'null'], description: 'why it cannot be written any more' },
  },
} as const;

function mayWrite(client: Client): void {
  const remedy = 'ask that user, or record with your own rights: fwctl-emu record -o FILE -- COMMAND';
  refuseOthers(client, 'write the file', remedy);
}

function statusText({ state, file, device, exchanges, bytes, failure, unanswered, unmet }: RecordStatus): string {
  if (state === 'none') return 'nothing has been recorded';
  const of = device === null ? '' : ` of ${device}`;
  const amount = `${exchanges} ${exchanges === 1 ? 'exchange' : 'exchanges'}, ${bytes} bytes`;
  if (state === 'failed') return `the recording${of} has ended: ${failure} (${amount})`;
  if (state === 'recording') return `recording${of} to ${file}: ${amount}`;
  const lines = [`${file} is complete: ${amount}`];
  if (unanswered > 0) lines.push(`not in it: ${unanswered} ${unanswered === 1 ? 'call' : 'calls'} without an answer`);
  if (unmet.length > 0) lines.push(`nothing that was recorded has a field ${unmet.join(', ')}`);
  return lines.join('\n');
}

export const RECORD_METHODS: readonly Method[] = [
  method({
    verb: 'record start',
    http: 'POST',
    path: '/v1/record',
    about: 'record every exchange with the devices of the emulator that runs, from now on',
    help: `The emulator writes FILE.part, with its own rights, which is why it does so only for its own user and root; it becomes FILE at
"record stop", or when the emulator ends. Files that are open already are in it from their next call on, as if opened then.
"fwctl-emu run --replay FILE" answers from it; docs/record-replay.md describes it.

Examples:
  fwctl-emu record start query.jsonl
  fwctl-emu record start --device fwctl1 --mask psid --mask base_mac --force query.jsonl`,
    params: {
      file: {
        kind: 'file',
        about: 'The recording',
        required: true,
        argument: 'FILE',
        example: '/tmp/query.jsonl',
      },
      device: { kind: 'text', about: 'Only this device (name or PCI address)', placeholder: 'DEVICE', max: 64 },
      mask: { kind: 'list', about: 'A field that it is not to have', placeholder: 'FIELD' },
      force: { kind: 'flag', about: 'Replace a file that is there' },
    },
    answer: STATUS_SCHEMA,
    async handle({ file: path, device: asked, mask: masked = [], force: replace = false }, { record, host }, client) {
      mayWrite(client);
      const device = asked === undefined ? undefined : findDevice(host, asked).name;
      try {
        return await record.start({ path, replace, masked, device });
      } catch (error) {
        throw new ControlError(409, 'not_recorded', (error as Error).message);
      }
    },
    text: statusText,
  }),
  method({
    verb: 'record stop',
    http: 'DELETE',
    path: '/v1/record',
    about: 'end the recording that runs, and give the file its name',
    params: {},
    answer: STATUS_SCHEMA,
    handle(_, { record }, client) {
      mayWrite(client);
      if (!record.running)
        throw new ControlError(409, 'not_recording', `nothing is being recorded (${statusText(record.status())})`);
      const status = record.stop();
      if (status.state === 'failed') throw new ControlError(409, 'not_written', statusText(status));
      return status;
    },
    text: statusText,
  }),
  method({
    verb: 'record status',
    http: 'GET',
    path: '/v1/record',
    about: 'tell what is being recorded, or how the last recording ended',
    params: {},
    answer: STATUS_SCHEMA,
    handle: (_, { record }) => record.status(),
    text: statusText,
  }),
];
