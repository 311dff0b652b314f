/** The forms of a trace: what an event becomes in each, and what a reader that was too slow is told. */
import type { Detail } from '../../../fwctl/dialect.ts';
import type { TraceEvent } from './trace-event.ts';
import { eventJson } from './trace-json.ts';
import { PcapngWriter } from './trace-pcapng.ts';
import { eventText, type TextStyle } from './trace-text.ts';

export type TraceFormat = 'text' | 'json' | 'pcapng';

export interface EventWriter {
  /** How the strings below become bytes. */
  readonly encoding: 'utf8' | 'latin1';
  /** What comes before the first event. */
  readonly start: string;
  /** Complete: with its newline where the format has lines. */
  event(event: TraceEvent): string;
  dropped(count: number): string;
  /** What an event must hold for this form. */
  readonly detail: Detail;
  readonly raw: boolean;
}

/** `wallUs`: the time of a note about dropped events, microseconds of the epoch. */
export function eventWriter(format: TraceFormat, style: TextStyle, wallUs: () => number): EventWriter {
  const hex = style.hex === true;
  switch (format) {
    case 'json':
      return {
        encoding: 'utf8',
        start: '',
        event: (event) => `${eventJson(event, hex)}\n`,
        dropped: (count) => `${JSON.stringify({ event: 'dropped', count })}\n`,
        detail: 'all',
        raw: hex,
      };
    case 'pcapng': {
      const writer = new PcapngWriter();
      return {
        encoding: 'latin1',
        start: binary(writer.start()),
        event: (event) => binary(writer.event(event)),
        dropped: (count) => binary(writer.dropped(count, wallUs())),
        detail: 'keys',
        raw: true,
      };
    }
    case 'text':
      return {
        encoding: 'utf8',
        start: '',
        event: (event) => `${eventText(event, style)}\n`,
        dropped: (count) => `... ${count} event${count === 1 ? '' : 's'} dropped here: the reader is too slow\n`,
        detail: style.fields === 'none' ? 'keys' : 'all',
        raw: hex,
      };
  }
}

/** The format that a file's name asks for. */
export function formatOfName(path: string): TraceFormat {
  if (path.endsWith('.jsonl')) return 'json';
  return path.endsWith('.pcapng') ? 'pcapng' : 'text';
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
