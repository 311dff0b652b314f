/** `--driver NAME`: a driver of fwctl by name. */
import { didYouMean } from '../abi/nearest-name.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { type DriverRow, type FwctlDriverRow, fwctlRows } from '../host/machine/driver-row.ts';

/** Throws CliError for a name that there is not. */
export function namedDriver(drivers: readonly DriverRow[], name: string): FwctlDriverRow {
  const rows = fwctlRows(drivers);
  const row = rows.find((one) => one.name === name);
  if (row !== undefined) return row;
  const names = rows.map((one) => one.name);
  const there = `there is ${names.join(', ')}${didYouMean(name, names)}`;
  throw new CliError(`--driver: there is no driver ${name} of fwctl; ${there}`, EXIT.usage);
}
