import { type Dialect, NO_COMMAND } from '../../src/fwctl/dialect.ts';
import { reply as replyAt, request as requestAt, STATUSES, WORD, wordOf } from './words.ts';

const BROKEN = STATUSES[0].value;

export const TOY_DIALECT: Dialect = {
  driver: 'toy',
  command: (request) => wordOf(request) ?? NO_COMMAND,
  status: ({ view }, length) => (length < replyAt.value ? 0 : view.getUint32(replyAt.status, true)),
  select(request, into) {
    const word = wordOf(request);
    if (word !== undefined) into.word = word;
  },
  refuse({ status = BROKEN }, { bytes, view, length }) {
    bytes.fill(0, 0, length);
    if (length >= replyAt.value) view.setUint32(replyAt.status, status, true);
  },
  succeed({ view, length }) {
    if (length >= replyAt.value) view.setUint32(replyAt.status, 0, true);
  },
  requestHead: requestAt.word + 4,
  replyHead: replyAt.value,
  kernelBytes: [],
  buffers(request) {
    if (wordOf(request) !== WORD.INVERT || request.length < requestAt.bytes) return [];
    const bytes = request.view.getUint32(requestAt.bufferBytes, true);
    return [{ at: requestAt.buffer, bytes, way: 'both', echoed: false }];
  },
  load: async () => (await import('./messages.ts')).TOY_MESSAGES,
};
