/** Fields that a recording does not keep: serial numbers, addresses, keys. Their bytes are zero, in requests and replies alike. */
import { BytesField, type Field } from '../../../abi/bits.ts';
import { isNamed, type LaidOut, placedFields, replyLayouts, requestLayouts } from '../../../abi/mlx5/payload-layout.ts';

export class Mask {
  readonly names: readonly string[];
  /** Names that no field has had yet. */
  readonly unmet: Set<string>;

  /** Names as the trace shows them, whole or their last part. */
  constructor(names: readonly string[]) {
    this.names = names;
    this.unmet = new Set(names);
  }

  get active(): boolean {
    return this.names.length > 0;
  }

  /** Zeroes the masked fields of an mlx5 request, in place. */
  request(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    this.clear(requestLayouts(view), view);
  }

  /** The same of the reply to that request. */
  reply(request: Uint8Array, bytes: Uint8Array): void {
    this.clear(replyLayouts(viewOf(request)), viewOf(bytes));
  }

  /** Whether a decoded field of that path is to be kept from the reader. */
  hides(path: string): boolean {
    return this.names.some((name) => path === name || path.endsWith(`.${name}`));
  }

  private clear(layouts: readonly LaidOut[], view: DataView): void {
    if (!this.active) return;
    for (const { field, base } of placedFields(layouts, view)) {
      for (const name of this.names) {
        if (!isNamed(field, name)) continue;
        field.write(view, base, zeroOf(field));
        this.unmet.delete(name);
      }
    }
  }
}

function zeroOf(field: Field): number | Uint8Array {
  return field instanceof BytesField ? new Uint8Array(0) : 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
