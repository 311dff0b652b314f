/** The report of what a machine has done so far: its history, and its devices as they are now. */
import { detailOf, shapeOf } from '../../host/interceptors/trace/call-shape.ts';
import type { PastEvents } from '../../host/interceptors/trace/past-events.ts';
import type { Host } from '../../host/machine/host.ts';
import type { ReportDevice, ReportEvents } from './report-data.ts';
import { EventsPacker } from './report-data.ts';

/** As many as a page holds; of more, the last. */
const MOST = 100_000;

export function reportEvents(past: PastEvents): ReportEvents {
  const { ring } = past.history;
  const packer = new EventsPacker();
  const first = Math.max(ring.first, ring.next - MOST);
  // Payloads are decoded once, however often they have passed.
  const known = new Map<string, number>();
  for (let number = first; number < ring.next; number++) {
    const entry = ring.read(number);
    if (entry === undefined) continue;
    const event = past.eventOf(entry, 'keys');
    const messages = past.messagesOf(event);
    const key =
      entry.kind === 'ioctl' && entry.request.length > 0
        ? `${event.kind === 'ioctl' && event.device} ${latin1(entry.asked.subarray(4, 16))} ${latin1(entry.request)} ${latin1(entry.reply)}`
        : undefined;
    let detail = key === undefined ? undefined : known.get(key);
    if (detail === undefined) {
      detail = packer.detail(detailOf(past.eventOf(entry, 'all'), messages));
      if (key !== undefined) known.set(key, detail);
    }
    const us = 'durationUs' in event ? Math.round(event.durationUs * 10) / 10 : 0;
    packer.row(number, event.timeUs, us, packer.shape(shapeOf(event, messages)), detail);
  }
  return packer.packed(first);
}

export function reportDevices(host: Host): ReportDevice[] {
  return host.devices().map(({ name, spec, live }) => ({
    name,
    driver: spec.driver,
    profile: spec.profile,
    pci: spec.pci ?? null,
    open_files: 0,
    values: live?.all() ?? {},
  }));
}

function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length).toString('latin1');
}
