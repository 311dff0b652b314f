/** The uevents of CUSE devices, in place of fwctl's. */
import type { GoldenRecord } from '../conformance/golden.ts';

/** What cuse.ko sends, by fwx's moment; the golden records come first, ours in their order. */
export function cuseUevents(key: string, want: GoldenRecord | undefined): (GoldenRecord | undefined)[] {
  const name = /^plug\/(uevent .*)$/.exec(key)?.[1];
  if (name === undefined || want === undefined) return [];
  const event = (action: string, n: number) => ({
    sect: 'plug',
    name,
    v: `${action}@/devices/virtual/cuse/fwctl!fwctl${n} ACTION=${action} DEVPATH=/devices/virtual/cuse/fwctl!fwctl${n} SUBSYSTEM=cuse MAJOR=252 MINOR=${n} DEVNAME=fwctl/fwctl${n} `,
  });
  // the number beside the orphan: v2 had no fourth device
  const sent: Readonly<Record<string, readonly GoldenRecord[]>> = {
    'uevent at plug': [event('add', 4), event('add', 3)],
    'uevent at second unplug': [event('remove', 4), event('remove', 3)],
    'uevent at plug 2': [event('remove', 1), event('add', 1)],
  };
  return [undefined, ...(sent[name] ?? [])];
}
