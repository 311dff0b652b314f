/** Sweep: a grid of calls and of the ways in which each was made to fail, with what came of it. */
import { useState } from 'preact/hooks';
import type { Sweep, SweepRun } from './data.ts';
import { useShown } from './use-store.ts';

const VERDICTS: Readonly<Record<SweepRun['verdict'], { sign: string; text: string }>> = {
  crash: { sign: '✕', text: 'crash' },
  hang: { sign: '∞', text: 'hang' },
  hidden: { sign: '◌', text: 'failure hidden by exit status 0' },
  optional: { sign: '–', text: 'optional' },
  missed: { sign: '?', text: 'not made again' },
  ok: { sign: '✓', text: 'unaffected' },
};

export function SweepGrid() {
  const { source } = useShown();
  const { sweep } = source;
  const [chosen, choose] = useState<number>();
  if (sweep === undefined) return <p class="nothing">This is no report of a sweep.</p>;
  const kinds = [...new Set(sweep.runs.map(({ kind }) => kind))];
  const calls = [...new Set(sweep.runs.map(({ call }) => call))];
  const run = sweep.runs.find(({ number }) => number === chosen);
  return (
    <div class={`calls ${run === undefined ? '' : 'with-detail'}`}>
      <section class="pane" aria-label="Sweep">
        <div class="filter-bar">
          {(Object.keys(VERDICTS) as SweepRun['verdict'][]).map((verdict) => {
            const found = sweep.runs.filter((one) => one.verdict === verdict).length;
            return (
              found > 0 && (
                <span key={verdict} class="verdict-count">
                  <span class={`verdict v-${verdict}`}>{VERDICTS[verdict].sign}</span> {found} {VERDICTS[verdict].text}
                </span>
              )
            );
          })}
          <span class="counts">
            {sweep.runs.length} of {sweep.cases} runs in {sweep.seconds.toFixed(1)} s
          </span>
        </div>
        <div class="table-box" tabIndex={0}>
          <table class="plain-table grid">
            <thead>
              <tr>
                <th scope="col">Call</th>
                {kinds.map((kind) => (
                  <th scope="col" key={kind}>
                    <span>{kind}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => (
                <tr key={call}>
                  <th scope="row">{call}</th>
                  {kinds.map((kind) => (
                    <td key={kind}>
                      {sweep.runs
                        .filter((one) => one.call === call && one.kind === kind)
                        .map((one) => (
                          <button
                            type="button"
                            key={one.number}
                            class={`verdict v-${one.verdict}`}
                            aria-pressed={one.number === chosen}
                            title={`${one.about}: ${one.detail}`}
                            aria-label={`${call}, ${kind}: ${VERDICTS[one.verdict].text}`}
                            onClick={() => choose(one.number)}
                          >
                            {VERDICTS[one.verdict].sign}
                          </button>
                        ))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      {run !== undefined && (
        <section class="pane detail-pane" tabIndex={0} aria-label="The chosen run">
          <RunDetail run={run} sweep={sweep} close={() => choose(undefined)} />
        </section>
      )}
    </div>
  );
}

function RunDetail({ run, sweep, close }: { run: SweepRun; sweep: Sweep; close(): void }) {
  const [copied, setCopied] = useState(false);
  const words = ['fwctl-emu', 'run', ...sweep.options, '--trace', '--fault', run.fault, '--', ...sweep.command];
  const again = words.map(shellWord).join(' ');
  return (
    <article class="detail">
      <header>
        <div class="detail-title">
          <h2>{run.call}</h2>
          <button type="button" class="plain" onClick={close} aria-label="Close">
            ✕
          </button>
        </div>
        <p class="facts">
          <span class={`verdict v-${run.verdict}`}>{VERDICTS[run.verdict].sign}</span>
          <span>{VERDICTS[run.verdict].text}</span>
          <span>{run.detail}</span>
          <span>exit status {run.status}</span>
          <span>{run.ms.toFixed(0)} ms</span>
          <span>run {run.number}</span>
        </p>
      </header>
      <dl class="identity">
        <div>
          <dt>What went wrong</dt>
          <dd>{run.about}</dd>
        </div>
        <div>
          <dt>Fault</dt>
          <dd class="mono">{run.fault}</dd>
        </div>
      </dl>
      <section class="again" aria-label="Run it again">
        <h3>Run this case again</h3>
        <pre class="box">{again}</pre>
        <button
          type="button"
          onClick={() =>
            navigator.clipboard?.writeText(again).then(
              () => setCopied(true),
              () => {},
            )
          }
        >
          {copied ? 'copied' : 'Copy'}
        </button>
      </section>
      {run.tail !== undefined && run.tail !== '' && (
        <section aria-label="What it said last">
          <h3>What it said last</h3>
          <pre class="box">{run.tail}</pre>
        </section>
      )}
    </article>
  );
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
