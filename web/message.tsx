/** A request or a reply: its fields, and its bytes beside them. To point at one marks it in the other, bit by bit. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PlacedField, ShownMessage } from './data.ts';

const TITLES = { request: 'Request', reply: 'Reply', asked: 'As the caller gave it', answered: 'As it was answered' };
const PER_LINE = 8;
/** Bytes and fields that are there at once. */
const MOST_BYTES = 1024;
const MOST_FIELDS = 400;

export function Message({ message }: { message: ShownMessage }) {
  const { title, hex, length, fields } = message;
  const bytes = useMemo(() => hex.match(/../g) ?? [], [hex]);
  const [marked, setMarked] = useState<PlacedField>();
  const [search, setSearch] = useState('');
  const [zeroes, setZeroes] = useState(fields.length < 24);
  const shown = useMemo(
    () =>
      fields.filter(
        ([name, value]) => (zeroes || !/^(0x)?0*$/.test(value)) && name.toLowerCase().includes(search.toLowerCase()),
      ),
    [fields, search, zeroes],
  );
  const owners = useMemo(() => ownersOf(fields, bytes.length), [fields, bytes]);
  return (
    <section class="message">
      <header>
        <h3>{TITLES[title]}</h3>
        <span class="quiet">
          {length > 0 && `${length} bytes`}
          {hex !== '' && bytes.length < length && `, the first ${bytes.length} shown`}
        </span>
        {fields.length >= 24 && (
          <span class="tools">
            <label>
              <input type="checkbox" checked={zeroes} onChange={() => setZeroes(!zeroes)} /> zeroes
            </label>
            <input
              type="search"
              aria-label={`Find a field of the ${title}`}
              placeholder="Find a field"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          </span>
        )}
      </header>
      <div class="message-body">
        <Fields fields={shown} all={fields.length} marked={marked} mark={setMarked} />
        {bytes.length > 0 && (
          <Bytes bytes={bytes} marked={marked} mark={(at) => setMarked(at === undefined ? undefined : owners[at])} />
        )}
      </div>
      {marked !== undefined && bytes.length > 0 && marked[3] > marked[2] && <Bits field={marked} bytes={bytes} />}
    </section>
  );
}

interface FieldsProps {
  readonly fields: readonly PlacedField[];
  readonly all: number;
  readonly marked: PlacedField | undefined;
  mark(field: PlacedField | undefined): void;
}

function Fields({ fields, all, marked, mark }: FieldsProps) {
  const [most, setMost] = useState(MOST_FIELDS);
  if (all === 0) return <p class="quiet no-fields">Nobody knows its fields.</p>;
  return (
    <div class="fields-box" tabIndex={0}>
      <table class="fields">
        <tbody>
          {fields.slice(0, most).map((field) => {
            const [name, value] = field;
            return (
              <tr
                key={name}
                class={field === marked ? 'marked' : ''}
                onMouseEnter={() => mark(field)}
                onMouseLeave={() => mark(undefined)}
              >
                <th scope="row">
                  <button type="button" class="field-name" onFocus={() => mark(field)} onBlur={() => mark(undefined)}>
                    {name}
                  </button>
                </th>
                <td>{valueShown(value)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {fields.length === 0 && <p class="quiet">All of its {all} fields are zero.</p>}
      {fields.length > most && (
        <button type="button" class="link" onClick={() => setMost(fields.length)}>
          {fields.length - most} more fields
        </button>
      )}
    </div>
  );
}

interface BytesProps {
  readonly bytes: readonly string[];
  readonly marked: PlacedField | undefined;
  mark(at: number | undefined): void;
}

/** What is marked is so by hand: thousands of bytes are not drawn again for it. */
function Bytes({ bytes, marked, mark }: BytesProps) {
  const [most, setMost] = useState(MOST_BYTES);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const spans = box.current?.querySelectorAll<HTMLElement>('b');
    if (spans === undefined || marked === undefined) return;
    const [, , from, to, mask] = marked;
    const touched = [...spans].slice(from, to);
    touched.forEach((span, i) => {
      const bits = mask === undefined ? 0xff : Number.parseInt(mask.slice(2 * i, 2 * i + 2), 16);
      if (bits !== 0) span.className = bits === 0xff ? 'in' : 'in part';
    });
    if (touched[0] !== undefined && box.current !== null) scrollInside(box.current, touched[0]);
    return () => {
      for (const span of touched) span.className = '';
    };
  }, [marked]);
  const lines = useMemo(() => linesOf(bytes.slice(0, most)), [bytes, most]);
  return (
    <div class="bytes" ref={box} role="region" aria-label="Bytes" tabIndex={0}>
      <pre
        onMouseOver={(event) => {
          const at = (event.target as HTMLElement).dataset.at;
          if (at !== undefined) mark(Number(at));
        }}
        onMouseLeave={() => mark(undefined)}
        onFocus={() => {}}
      >
        {lines}
      </pre>
      {bytes.length > most && (
        <button type="button" class="link" onClick={() => setMost(bytes.length)}>
          {bytes.length - most} more bytes
        </button>
      )}
    </div>
  );
}

function linesOf(bytes: readonly string[]) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const line = bytes.slice(at, at + PER_LINE);
    const text = line.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
    });
    lines.push(
      <div key={at}>
        <i>{at.toString(16).padStart(4, '0')}</i>
        {line.map((byte, i) => (
          <>
            {i === 4 ? '  ' : ' '}
            <b data-at={at + i}>{byte}</b>
          </>
        ))}
        <span class="ascii">{`${'   '.repeat(PER_LINE - line.length)}${line.length <= 4 ? ' ' : ''}  ${text.join('')}`}</span>
      </div>,
    );
  }
  return lines;
}

/** The bytes of a field of 8 bytes or fewer, bit by bit. */
function Bits({ field, bytes }: { field: PlacedField; bytes: readonly string[] }) {
  const [name, value, from, to, mask] = field;
  const few = bytes.slice(from, Math.min(to, from + 8));
  return (
    <div class="bits" aria-live="polite">
      <span class="bits-name">
        {name} = {valueShown(value)}
      </span>
      <code>
        0x{from.toString(16)}:{' '}
        {few.map((byte, i) => {
          const own = mask === undefined ? 0xff : Number.parseInt(mask.slice(2 * i, 2 * i + 2), 16);
          const digits = Number.parseInt(byte, 16).toString(2).padStart(8, '0');
          return (
            <span class="bit-byte" key={from + i}>
              {[...digits].map((digit, bit) => (own & (0x80 >> bit) ? <mark key={bit}>{digit}</mark> : digit))}{' '}
            </span>
          );
        })}
        {to - from > few.length && '…'}
      </code>
    </div>
  );
}

/** Of each byte, the narrowest field that it is in. */
function ownersOf(fields: readonly PlacedField[], length: number): (PlacedField | undefined)[] {
  const owners: (PlacedField | undefined)[] = new Array(length).fill(undefined);
  for (const field of fields) {
    const [, , from, to, mask] = field;
    for (let at = from; at < Math.min(to, length); at++) {
      if (mask !== undefined && mask.slice(2 * (at - from), 2 * (at - from) + 2) === '00') continue;
      const other = owners[at];
      if (other === undefined || to - from < other[3] - other[2]) owners[at] = field;
    }
  }
  return owners;
}

/** Decimal, and hex where it is not told by one digit. */
function valueShown(value: string): string {
  if (!/^\d{2,20}$/.test(value)) return value;
  const number = BigInt(value);
  return number > 9n ? `${value}  0x${number.toString(16)}` : value;
}

function scrollInside(box: HTMLElement, element: HTMLElement): void {
  const top = element.offsetTop - box.offsetTop;
  if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 24) box.scrollTop = top - box.clientHeight / 3;
}
