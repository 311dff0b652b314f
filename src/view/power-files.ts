/**
 * The directory `power` of a device in sysfs: drivers/base/power/sysfs.c. Which files there are is the kernel's own
 * configuration: a distribution's has CONFIG_PM_ADVANCED_DEBUG, the recorded one has not.
 */
import { directory, file, type NamedEntry } from './sysfs-entry.ts';

/** No driver of ours uses autosuspend. */
const AUTOSUSPEND = file(0o644, '', 'EIO');

const PLAIN: readonly NamedEntry[] = [
  ['autosuspend_delay_ms', AUTOSUSPEND],
  ['control', file(0o644, 'auto\n')],
  ['runtime_active_time', file(0o444, '0\n')],
  ['runtime_status', file(0o444, 'unsupported\n')],
  ['runtime_suspended_time', file(0o444, '0\n')],
];

const DISTRIBUTION: readonly NamedEntry[] = [
  ...PLAIN,
  ['async', file(0o644, 'disabled\n')],
  ['runtime_active_kids', file(0o444, '0\n')],
  ['runtime_enabled', file(0o444, 'disabled\n')],
  ['runtime_usage', file(0o444, '0\n')],
];

/** A function that stays on, and could wake the machine up but is not told to (pci_pm_init() of drivers/pci/pci.c). */
const FUNCTION: readonly NamedEntry[] = [
  ['async', file(0o644, 'enabled\n')],
  ['autosuspend_delay_ms', AUTOSUSPEND],
  ['control', file(0o644, 'on\n')],
  ['runtime_active_kids', file(0o444, '0\n')],
  ['runtime_active_time', file(0o444, () => `${Math.floor(performance.now())}\n`)],
  ['runtime_enabled', file(0o444, 'forbidden\n')],
  ['runtime_status', file(0o444, 'active\n')],
  ['runtime_suspended_time', file(0o444, '0\n')],
  ['runtime_usage', file(0o444, '2\n')],
  ['wakeup', file(0o644, 'disabled\n')],
  ...[
    'abort_count',
    'active',
    'active_count',
    'count',
    'expire_count',
    'last_time_ms',
    'max_time_ms',
    'total_time_ms',
  ].map((name): NamedEntry => [`wakeup_${name}`, file(0o444, '\n')]),
];

const KINDS = { plain: PLAIN, distribution: DISTRIBUTION, function: FUNCTION } as const;

export function powerDirectory(kind: keyof typeof KINDS): NamedEntry {
  return ['power', directory(() => KINDS[kind])];
}
