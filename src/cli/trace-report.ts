/** `trace FILE --report HTML`: a trace that was written as JSON lines, as a page to look at. */
import { constants } from 'node:buffer';
import { EventsPacker } from '../control/inspector/report-data.ts';
import { scopeMatrix } from '../control/inspector/scope-matrix.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { readGivenFile } from '../host/config/named-file.ts';
import { detailOf, shapeOf } from '../host/interceptors/trace/call-shape.ts';
import { eventOfJson } from '../host/interceptors/trace/event-of-json.ts';
import type { TraceEvent } from '../host/interceptors/trace/trace-event.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import { type AllMessages, loadMessages } from '../host/machine/load-messages.ts';
import { writeReport } from './report-page.ts';
import { allStatusNames } from './run-report.ts';

/** Throws CliError: what is wrong with the file, with its line. */
export async function writeTraceReport(
  file: string,
  page: string,
  drivers: readonly DriverRow[],
  version: string,
): Promise<number> {
  const messages = await loadMessages(drivers);
  const packer = new EventsPacker();
  let dropped = 0;
  let number = 0;
  for (const event of readEvents(file, messages)) {
    if (typeof event === 'number') {
      dropped += event;
      continue;
    }
    const known = 'driver' in event ? messages.get(event.driver ?? '') : undefined;
    const us = 'durationUs' in event ? event.durationUs : 0;
    packer.row(number++, event.timeUs, us, packer.shape(shapeOf(event, known)), packer.detail(detailOf(event, known)));
  }
  writeReport('trace', page, {
    fwctl_emu_report: 1,
    version,
    title: `trace ${file}`,
    abi: 'trace',
    abi_title: 'a trace does not say of which kernel it is',
    status_names: allStatusNames(messages),
    status: { taint: 0, faults: [], held: [] },
    events: packer.packed(dropped),
    devices: [],
    scopes: scopeMatrix(drivers, messages),
  });
  return EXIT.ok;
}

function* readEvents(file: string, messages: AllMessages): Generator<TraceEvent | number> {
  let text: string;
  try {
    text = readGivenFile(file, { what: 'trace', maxBytes: constants.MAX_STRING_LENGTH });
  } catch (error) {
    throw new CliError(`trace: ${(error as Error).message}`);
  }
  let at = 0;
  for (const line of text.split('\n')) {
    at++;
    if (line === '') continue;
    try {
      yield eventOfJson(line, messages);
    } catch (error) {
      const remedy = 'give it what --trace=FILE.jsonl has written, with --trace-hex for the bytes';
      throw new CliError(`${file}:${at}: ${(error as Error).message}; ${remedy}`);
    }
  }
}
