/** `--print-capabilities`: what this build can do, for scripts; the machine is `doctor`'s. Keys are only ever added. */
import { ABI_ALIASES, ABI_PROFILES, DEFAULT_ABI } from '../abi/profiles.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';

/** What a script may ask for by name; one row for each thing that not every version has. */
const FEATURES: readonly string[] = [
  'cmd-run',
  'cmd-run-map-current-user',
  'cmd-serve',
  'cmd-serve-dev-dir',
  'cmd-doctor-json',
  'cmd-check',
  'cmd-check-schema',
  'cmd-scopes',
  'cmd-record',
  'cmd-sweep',
  'fault',
  'run-record',
  'run-replay',
  'testkit',
  'cmd-run-abi-list',
  'config-yaml',
  'config-lockdown',
  'config-raw',
  'firmware-loopback',
  'firmware-module',
  'taint-host',
  'trace-text',
  'trace-jsonl',
  'trace-pcapng',
  'trace-filter',
  'trace-hex',
  'control-socket',
  'control-openapi',
  'control-metrics',
  'socket-activation',
  'sd-notify',
];

export function capabilities(version: string, drivers: readonly DriverRow[]) {
  const aliasesOf = (name: string) =>
    Object.entries(ABI_ALIASES)
      .filter(([, real]) => real === name)
      .map(([alias]) => alias);
  return {
    name: 'fwctl-emu',
    version,
    abi: {
      default: DEFAULT_ABI,
      profiles: ABI_PROFILES.map(({ name, title }) => ({ name, title, aliases: aliasesOf(name) })),
    },
    transports: ['cuse', 'fuse', 'inprocess', 'seccomp'],
    drivers: drivers.map((row) => row.name),
    // names for `profile:` and `--device`
    deviceProfiles: drivers.flatMap(({ name: driver, profiles }) =>
      profiles.builtIn.map(({ name }) => ({ name, driver })),
    ),
    features: FEATURES,
  };
}
