/** Fields that a recording does not keep (serial numbers, addresses, keys): zero in requests and replies alike. */
import { isNamed, type MessageField, type Messages } from '../../../fwctl/dialect.ts';

export class Mask {
  readonly names: readonly string[];
  /** Names that a field has had. */
  private readonly met = new Set<string>();

  /** Names as the trace shows them, whole or their last part. */
  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** Those that nothing has had. */
  get unmet(): readonly string[] {
    return this.names.filter((name) => !this.met.has(name));
  }

  /** Zeroes the masked fields of a request, in place. */
  request(messages: Messages, bytes: Uint8Array): void {
    if (this.names.length === 0) return;
    const view = viewOf(bytes);
    this.clear(messages.requestFields(view), view);
  }

  /** The same of the reply to that request. */
  reply(messages: Messages, request: Uint8Array, bytes: Uint8Array): void {
    if (this.names.length === 0) return;
    const view = viewOf(bytes);
    this.clear(messages.replyFields(viewOf(request), view), view);
  }

  /** Whether a decoded field of that path is to be kept from the reader. */
  hides(path: string): boolean {
    return this.names.some((name) => isNamed(path, name));
  }

  private clear(fields: Iterable<MessageField>, view: DataView): void {
    for (const field of fields) {
      for (const name of this.names) {
        if (!isNamed(field.path, name)) continue;
        field.write(view, field.bits > 64 ? new Uint8Array(0) : 0);
        this.met.add(name);
      }
    }
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
