/** One event: why it was refused, its request and reply as fields beside bytes, and copies of it for elsewhere. */
import { useEffect, useState } from 'preact/hooks';
import { Badge } from './badge.tsx';
import { copies } from './copies.ts';
import type { CallDetail, Shape } from './data.ts';
import { Message } from './message.tsx';
import { useShown } from './use-store.ts';
import { waitedFor } from './waits.ts';
import { callText, clockText, durationText, scopeText } from './words.ts';

type Loaded = CallDetail & { event?: string };

export function Detail({ number, at, close }: { number: number; at: number; close(): void }) {
  const { source, store } = useShown();
  const [detail, setDetail] = useState<Loaded>();
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    let here = true;
    source.detail(number).then(
      (loaded) => here && setDetail(loaded),
      (error: Error) => here && setWrong(error.message),
    );
    return () => {
      here = false;
    };
  }, [number, source]);
  const shape = store.shapeAt(at);
  return (
    <article class="detail">
      <header>
        <div class="detail-title">
          <h2>{callText(shape)}</h2>
          <button type="button" class="plain" onClick={close} aria-label="Close">
            ✕
          </button>
        </div>
        <p class="facts">
          <Badge shape={shape} />
          <Facts shape={shape} number={number} timeUs={store.times[at] ?? 0} durationUs={store.durations[at] ?? 0} />
        </p>
        {detail !== undefined && <Copies shape={shape} detail={detail} />}
      </header>
      <Refusal shape={shape} />
      <Waited at={at} />
      {wrong !== '' && <p class="wrong">{wrong}</p>}
      {detail?.messages.map((message) => (
        <Message key={message.title} message={message} />
      ))}
      {detail !== undefined && <Kernels shape={shape} />}
    </article>
  );
}

function Facts({ shape, number, timeUs, durationUs }: FactsProps) {
  const { device, file, comm, tid, callerUid, part } = shape;
  const facts = [
    device && `${device}${file ? ` #${file}` : ''}`,
    comm && `${comm} (thread ${tid}, uid ${callerUid})`,
    scopeText(shape) && `scope ${scopeText(shape)}`,
    part?.kind === 'rpc' && `in ${part.inLen}, out ${part.outLen} bytes`,
    part?.kind === 'rpc' && part.delivered === false && 'not delivered to the firmware',
    shape.outcome && durationText(durationUs),
    clockText(timeUs),
    `event ${number}`,
  ];
  return (
    <>
      {facts.filter(Boolean).map((fact) => (
        <span key={String(fact)}>{fact}</span>
      ))}
    </>
  );
}

interface FactsProps {
  readonly shape: Shape;
  readonly number: number;
  readonly timeUs: number;
  readonly durationUs: number;
}

function Refusal({ shape }: { shape: Shape }) {
  const { outcome, part } = shape;
  if (outcome?.kind === 'failed') return <Why title="Failed" rule={outcome.message} />;
  if (outcome?.kind === 'refused') {
    const passes = outcome.passes
      ?.filter(({ scopes }) => scopes.length > 0)
      .map(({ abi, scopes }) => `${abi}: scope ${scopes.join(', ')}`);
    const title = `Refused by the kernel: ${outcome.errno}`;
    return <Why title={title} rule={outcome.rule} passes={passes} fix={outcome.fix} />;
  }
  const reply = part?.reply;
  if (reply === undefined || reply.status === 0) return null;
  const codes = Object.entries(reply.codes).map(([name, value]) => `${name} 0x${value.toString(16)}`);
  const title = `Refused by the firmware: ${reply.statusName}`;
  const { refusal } = reply;
  const rule = refusal?.rule ?? `status 0x${reply.status.toString(16)}`;
  return <Why title={title} rule={rule} name={refusal?.name} part={refusal?.part} codes={codes} fix={refusal?.fix} />;
}

interface WhyProps {
  readonly title: string;
  readonly rule: string;
  readonly name?: string | undefined;
  readonly part?: string | undefined;
  readonly codes?: readonly string[];
  readonly passes?: readonly string[] | undefined;
  readonly fix?: string | undefined;
}

function Why({ title, rule, name, part, codes = [], passes = [], fix }: WhyProps) {
  const rows: [string, string][] = [
    ['Why', rule],
    ...(part === undefined ? [] : [['Where', part] as [string, string]]),
    ...(name === undefined ? [] : [['Code', [name, ...codes].join(', ')] as [string, string]]),
    ...(passes.length === 0 ? [] : [['Passes', passes.join('; ')] as [string, string]]),
    ...(fix === undefined ? [] : [['Fix', fix] as [string, string]]),
  ];
  return (
    <section class="why" aria-label={title}>
      <h3>{title}</h3>
      <dl>
        {rows.map(([term, text]) => (
          <div key={term} class={term === 'Fix' ? 'fix' : ''}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Waited({ at }: { at: number }) {
  const { store, select } = useShown();
  const found = waitedFor(store, at);
  if (found.length === 0) return null;
  return (
    <section class="waited" aria-label="What it waited for">
      <h3>Held back</h3>
      <ul>
        {found.map(({ text, number }) => (
          <li key={text}>
            {number === undefined ? (
              text
            ) : (
              <button type="button" class="link" onClick={() => select(number)}>
                {text}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Kernels({ shape }: { shape: Shape }) {
  const { go } = useShown();
  if (shape.part?.kernels === undefined) return null;
  return (
    <p class="after">
      <button type="button" class="link" onClick={() => go('scopes')}>
        Which kernel passes it
      </button>
    </p>
  );
}

function Copies({ shape, detail }: { shape: Shape; detail: Loaded }) {
  const [done, setDone] = useState('');
  const copy = async (name: string, text: string) => {
    await toClipboard(text);
    setDone(name);
    setTimeout(() => setDone(''), 1500);
  };
  return (
    <div class="copies" role="group" aria-label="Copy this call">
      <span>Copy as</span>
      {copies(shape, detail).map(({ name, about, text }) => (
        <button type="button" key={name} title={about} onClick={() => copy(name, text)}>
          {done === name ? 'copied' : name}
        </button>
      ))}
    </div>
  );
}

/** Pages of other machines are given no clipboard; there a selection does it. */
async function toClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    const done = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
