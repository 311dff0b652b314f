/** `run --report`: what a command did, as a page to look at. */

import { loadPast } from '../control/inspector/past.ts';
import { reportDevices, reportEvents } from '../control/inspector/past-report.ts';
import type { ReportData } from '../control/inspector/report-data.ts';
import { scopeMatrix } from '../control/inspector/scope-matrix.ts';
import { EXIT } from '../host/config/cli-error.ts';
import type { AllMessages } from '../host/machine/load-messages.ts';
import type { ControlParts } from './control-socket.ts';
import { writeReport } from './report-page.ts';

/** Before the devices go. Throws CliError where the file cannot be written. */
export async function writeRunReport(
  file: string,
  command: readonly string[],
  status: number,
  { machine, version }: ControlParts,
): Promise<void> {
  const { host, drivers, history, messages, faults } = machine;
  if (history === undefined) throw new Error('nothing was kept for the report');
  const past = await loadPast({ host, drivers, history, messages });
  const data: ReportData = {
    fwctl_emu_report: 1,
    version,
    title: `run ${command.join(' ')}`,
    abi: host.abi.name,
    abi_title: host.abi.title,
    status_names: allStatusNames(past.messages),
    status: { ended: status, taint: Number(host.taint.value), faults: faults.list(), held: [] },
    events: reportEvents(past.events),
    devices: reportDevices(host),
    scopes: scopeMatrix(drivers, past.messages),
  };
  writeReport('run', file, data, EXIT.noRun);
}

/** For the filter. */
export function allStatusNames(messages: AllMessages): string[] {
  return [...new Set([...messages.values()].flatMap(({ statusNames }) => statusNames))];
}
