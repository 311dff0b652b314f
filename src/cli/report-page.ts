/** A report as one HTML file: the inspector's page with its data in it, compressed. It needs no network. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { ReportData } from '../control/inspector/report-data.ts';
import { CliError, EXIT, type ExitStatus } from '../host/config/cli-error.ts';

/** The page, without data; made by scripts/bundle-web.mjs. Two directories above that of this module in any build. */
export function inspectorPage(): string {
  return readFileSync(new URL('../../bundle/web/inspector.html', import.meta.url), 'utf8');
}

/** Where the page has its data: nothing that a device or program chose is in the text, which is base64. */
const PLACE = '<!--DATA-->';

/** Throws CliError where the file cannot be written. `verb`: whose option it is. */
export function writeReport(verb: string, file: string, data: ReportData, status: ExitStatus = EXIT.failure): void {
  const packed = gzipSync(JSON.stringify(data), { level: 9 }).toString('base64');
  const page = inspectorPage().replace(PLACE, `<script type="application/octet-stream" id="data">${packed}</script>`);
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new CliError(`${verb}: --report ${file}: ${(error as NodeJS.ErrnoException).code}; check the path`, status);
  }
}
