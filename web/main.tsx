/** The page: of an emulator that runs, by the token behind the # of its address, or of a report, whose data it has. */
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Calls } from './calls.tsx';
import type { Source } from './data.ts';
import { Device } from './device.tsx';
import { Faults } from './faults.tsx';
import { Live } from './live.ts';
import { Report } from './report.ts';
import { Scopes } from './scopes.tsx';
import { Store } from './store.ts';
import { SweepGrid } from './sweep.tsx';
import { Timeline } from './timeline.tsx';
import { type Shown, ShownContext, type TabName, useShown, useStore } from './use-store.ts';
import { count } from './words.ts';

interface Tab {
  readonly name: TabName;
  readonly title: string;
  readonly View: () => preact.JSX.Element;
}

const TABS: readonly Tab[] = [
  { name: 'calls', title: 'Calls', View: Calls },
  { name: 'timeline', title: 'Timeline', View: Timeline },
  { name: 'device', title: 'Device', View: Device },
  { name: 'scopes', title: 'Scopes', View: Scopes },
  { name: 'faults', title: 'Faults', View: Faults },
];
const SWEEP_TABS: readonly Tab[] = [{ name: 'sweep', title: 'Sweep', View: SweepGrid }];

function App({ source, store }: { source: Source; store: Store }) {
  const [tab, setTab] = useState<TabName>(source.sweep === undefined ? 'calls' : 'sweep');
  const [selected, select] = useState<number>();
  const shown = useMemo<Shown>(() => ({ store, source, selected, select, go: setTab }), [store, source, selected]);
  const tabs = source.sweep === undefined ? TABS : SWEEP_TABS;
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as HTMLElement).matches('input, textarea, select')) {
        if (event.key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      const asked = tabs[Number(event.key) - 1];
      if (asked !== undefined) setTab(asked.name);
      if (event.key !== '/') return;
      event.preventDefault();
      setTab('calls');
      requestAnimationFrame(() => document.getElementById('filter')?.focus());
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, [tabs]);
  const { View } = tabs.find(({ name }) => name === tab) ?? (tabs[0] as Tab);
  return (
    <ShownContext.Provider value={shown}>
      <Head />
      <nav>
        <div role="tablist" aria-label="Views">
          {tabs.map(({ name, title }, at) => (
            <button
              type="button"
              role="tab"
              key={name}
              id={`tab-${name}`}
              aria-selected={name === tab}
              aria-controls="view"
              title={`key ${at + 1}`}
              onClick={() => setTab(name)}
            >
              {title}
            </button>
          ))}
        </div>
      </nav>
      <Notes />
      <main>
        <div id="view" role="tabpanel" aria-labelledby={`tab-${tab}`}>
          <View />
        </div>
      </main>
    </ShownContext.Provider>
  );
}

function Head() {
  const store = useStore();
  const { source } = useShown();
  const { title, abi, abi_title, version } = source.hello;
  const { ended, taint } = store.status;
  return (
    <header class="top">
      <h1>
        <span class="mark" aria-hidden="true" />
        fwctl-emu
      </h1>
      <code class="command" title={title}>
        {title}
      </code>
      <span class="chips">
        <span class="chip" title={abi_title}>
          {abi}
        </span>
        {taint !== 0 && <span class="chip late">tainted</span>}
        {ended !== undefined && <span class={`chip ${ended === 0 ? '' : 'bad'}`}>exit status {ended}</span>}
        <span class={`chip state-${store.connection}`} title={`fwctl-emu ${version}`}>
          {CONNECTIONS[store.connection]}
        </span>
        <Theme />
      </span>
    </header>
  );
}

const CONNECTIONS = { live: 'live', lost: 'ended', report: 'report' } as const;

/** What is not here: the page says where its history begins, and what it has lost. */
function Notes() {
  const store = useStore();
  const { source } = useShown();
  const { history } = source.hello;
  const notes = [
    store.before > 0 &&
      `The history begins at event ${count(store.before)}: of earlier ones nothing is kept (${count(history.events)} events or ${history.bytes >> 20} MiB).`,
    store.lost > 0 && `${count(store.lost)} events were lost: they came faster than this page takes them.`,
    store.dropped > 0 &&
      `The page shows the last ${count(store.length)} events; ${count(store.dropped)} older ones are gone from it.`,
    store.connection === 'lost' && 'The emulator has ended. What was seen stays here until the page is closed.',
  ].filter(Boolean);
  if (notes.length === 0) return null;
  return (
    <p class="notes" role="status">
      {notes.join(' ')}
    </p>
  );
}

/** Light, dark, or as the system has it. */
function Theme() {
  const [theme, setTheme] = useState('system');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const following = { system: 'light', light: 'dark', dark: 'system' } as const;
  const next = following[theme as keyof typeof following];
  return (
    <button
      type="button"
      class="plain theme"
      aria-label={`Colours: ${theme}; change to ${next}`}
      onClick={() => setTheme(next)}
    >
      {theme === 'system' ? '◐' : theme === 'light' ? '○' : '●'}
    </button>
  );
}

function Failure({ message }: { message: string }) {
  return (
    <main class="failure">
      <h1>fwctl-emu</h1>
      <p role="alert">{message}</p>
    </main>
  );
}

async function begin(): Promise<void> {
  const root = document.getElementById('app') as HTMLElement;
  const store = new Store();
  const data = document.getElementById('data');
  try {
    if (data !== null) {
      const report = await Report.read(data.textContent ?? '');
      document.title = `${report.hello.title} – fwctl-emu`;
      report.fill(store);
      return render(<App source={report} store={store} />, root);
    }
    const token = location.hash.slice(1);
    const live = await Live.begin(token);
    document.title = `${live.hello.title} – fwctl-emu`;
    void live.follow(store);
    render(<App source={live} store={store} />, root);
  } catch (error) {
    render(<Failure message={(error as Error).message} />, root);
  }
}

void begin();
