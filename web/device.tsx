/** Device: what it is and all of its values, which can be changed and watched; plugged, unplugged and plugged again. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { DeviceRow, Values } from './data.ts';
import { Graph } from './graph.tsx';
import type { Store } from './store.ts';
import { useShown, useStore } from './use-store.ts';
import { callText, clockText } from './words.ts';

/** Between two readings of what is watched, ms. */
const LOOK_MS = 1000;
/** Values that are listed at once. */
const MOST = 300;

export function Device() {
  const { source } = useShown();
  const store = useStore();
  const [devices, setDevices] = useState<readonly DeviceRow[]>();
  const [chosen, choose] = useState<string>();
  const [said, say] = useState('');
  const load = useCallback(() => source.devices().then(setDevices, (error: Error) => say(error.message)), [source]);
  const comings = useMemo(() => comingsOf(store), [store.version]);
  useEffect(() => void load(), [load, comings]);
  if (devices === undefined) return <p class="nothing">{said || 'Asking for the devices…'}</p>;
  const device = devices.find(({ name }) => name === chosen) ?? devices[0];
  const act = (text: string, http: string, path: string, body?: object) =>
    source.ask(http, path, body).then(
      () => {
        say(text);
        return load();
      },
      (error: Error) => say(error.message),
    );
  return (
    <section class="pane device" aria-label="Device">
      <div class="filter-bar">
        <div class="segments" role="group" aria-label="Devices">
          {devices.map(({ name, profile }) => (
            <button
              type="button"
              key={name}
              title={profile}
              aria-pressed={name === device?.name}
              onClick={() => choose(name)}
            >
              {name}
            </button>
          ))}
        </div>
        {device && (
          <span class="quiet">
            {device.driver}, {device.profile}
            {device.pci === null ? '' : `, ${device.pci}`}
          </span>
        )}
        {source.live && <Plugging device={device} act={act} />}
        {said !== '' && (
          <p class="said" role="status">
            {said}
          </p>
        )}
      </div>
      {device === undefined ? (
        <p class="nothing">No device is plugged.</p>
      ) : (
        <DeviceValues key={`${device.name} ${comings}`} device={device} say={say} />
      )}
    </section>
  );
}

type Act = (text: string, http: string, path: string, body?: object) => Promise<unknown>;

function Plugging({ device, act }: { device: DeviceRow | undefined; act: Act }) {
  const [spec, setSpec] = useState('');
  const path = `/v1/devices/${encodeURIComponent(device?.name ?? '')}`;
  return (
    <form
      class="plugging"
      onSubmit={(event) => {
        event.preventDefault();
        void act(`plugged ${spec || 'connectx6dx'}`, 'POST', '/v1/devices', { spec: spec || 'connectx6dx' });
      }}
    >
      {device !== undefined && device.pci !== null && (
        <>
          <button type="button" onClick={() => act(`${device.name} is plugged again`, 'POST', `${path}/replug`, {})}>
            Replug
          </button>
          <button type="button" class="danger" onClick={() => act(`${device.name} is unplugged`, 'DELETE', path)}>
            Unplug
          </button>
        </>
      )}
      <input
        type="text"
        aria-label="What to plug"
        placeholder="connectx6dx"
        value={spec}
        onInput={(event) => setSpec(event.currentTarget.value)}
      />
      <button type="submit">Plug</button>
    </form>
  );
}

/** What was changed, and from which event on it counts. */
interface Changed {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly from: number;
}

function DeviceValues({ device, say }: { device: DeviceRow; say(text: string): void }) {
  const { source } = useShown();
  const store = useStore();
  const [values, setValues] = useState<Values>();
  const [search, setSearch] = useState('');
  const [watched, setWatched] = useState<readonly string[]>([]);
  const [seen, setSeen] = useState<Readonly<Record<string, readonly number[]>>>({});
  const [changed, setChanged] = useState<readonly Changed[]>([]);
  useEffect(() => {
    source.values(device.name).then(setValues, (error: Error) => {
      setValues({});
      say(error.message);
    });
  }, [source, device.name, say]);
  useEffect(() => {
    if (!source.live || watched.length === 0) return;
    const look = async () => {
      for (const name of watched) {
        const value = Number((await source.values(device.name, name).catch(() => ({}) as Values))[name]);
        if (!Number.isNaN(value)) setSeen((all) => ({ ...all, [name]: [...(all[name] ?? []), value].slice(-120) }));
      }
    };
    void look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [watched, source, device.name]);

  const set = async (name: string, text: string) => {
    const path = `/v1/devices/${encodeURIComponent(device.name)}/values`;
    try {
      const answer = (await source.ask('PUT', path, { name, value: text })) as { before: unknown; after: unknown };
      const from = (store.numbers[store.length - 1] ?? -1) + 1;
      const entry = { name, before: String(answer.before), after: String(answer.after), from };
      setChanged((all) => [entry, ...all.filter((one) => one.name !== name)].slice(0, 8));
      setValues((all) => ({ ...all, [name]: answer.after as string }));
      say('');
      return true;
    } catch (error) {
      say((error as Error).message);
      return false;
    }
  };
  if (values === undefined) return <p class="nothing">Asking for its values…</p>;
  const names = Object.keys(values).filter((name) => name.toLowerCase().includes(search.toLowerCase()));
  const identity = Object.entries(values).filter(([name]) => name.startsWith('identity.'));
  return (
    <div class="device-body">
      <div class="device-side" tabIndex={0}>
        {identity.length > 0 && (
          <dl class="identity">
            {identity.map(([name, value]) => (
              <div key={name}>
                <dt>{name.slice('identity.'.length)}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        )}
        {changed.length > 0 && <ChangedList changed={changed} store={store} />}
        {watched.length > 0 && (
          <section class="watched" aria-label="Watched values">
            <h3>Watched</h3>
            {watched.map((name) => (
              <Graph
                key={name}
                name={name}
                values={seen[name] ?? []}
                close={() => setWatched(watched.filter((one) => one !== name))}
              />
            ))}
          </section>
        )}
      </div>
      <div class="values">
        <div class="filter-bar">
          <label class="filter">
            <span class="hidden">Find a value</span>
            <input
              type="search"
              placeholder="Find a value: MTMP.temperature, log_max_qp, NUM_OF_VFS"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          </label>
          <span class="counts">
            {names.length} of {Object.keys(values).length}
          </span>
        </div>
        <div class="table-box" tabIndex={0}>
          <table class="plain-table values-table">
            <thead>
              <tr>
                <th scope="col">Value</th>
                <th scope="col">Now</th>
                {source.live && <th scope="col">Watch</th>}
              </tr>
            </thead>
            <tbody>
              {names.slice(0, MOST).map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>
                    {source.live ? (
                      <Editable name={name} value={String(values[name])} set={(text) => set(name, text)} />
                    ) : (
                      String(values[name])
                    )}
                  </td>
                  {source.live && (
                    <td>
                      {typeof values[name] === 'number' && (
                        <button
                          type="button"
                          class="plain"
                          aria-label={`Watch ${name}`}
                          disabled={watched.includes(name)}
                          onClick={() => setWatched([...watched, name].slice(-6))}
                        >
                          ∿
                        </button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          {names.length > MOST && <p class="quiet more">{names.length - MOST} more: write a part of a name above.</p>}
        </div>
      </div>
    </div>
  );
}

function Editable({ name, value, set }: { name: string; value: string; set(text: string): Promise<boolean> }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = async () => {
    if (text !== value && !(await set(text))) setText(value);
  };
  return (
    <input
      type="text"
      class={`value ${text === value ? '' : 'edited'}`}
      aria-label={name}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void done();
        if (event.key === 'Escape') setText(value);
      }}
      onBlur={() => setText(value)}
    />
  );
}

/** Of each change, the first call since that reads what it is in. */
function ChangedList({ changed, store }: { changed: readonly Changed[]; store: Store }) {
  const { select, go } = useShown();
  return (
    <section class="changed" aria-label="Changed values">
      <h3>Changed</h3>
      <ul>
        {changed.map((one) => {
          const at = readerOf(store, one);
          return (
            <li key={one.name}>
              <code>{one.name}</code> {one.before} → <b>{one.after}</b>
              <br />
              {at === undefined ? (
                <span class="quiet">nobody has read it yet</span>
              ) : (
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    select(store.numbers[at]);
                    go('calls');
                  }}
                >
                  read by {store.shapeAt(at).comm} at {clockText(store.times[at] as number)}:{' '}
                  {callText(store.shapeAt(at))}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** `registers.MTMP.temperature` is in what names MTMP; `caps.GENERAL.x` in what names GENERAL. */
function readerOf(store: Store, { name, from }: Changed): number | undefined {
  const part = (name.split('.')[1] ?? '').replace(/\[.*/, '');
  for (let at = 0; at < store.length; at++) {
    if ((store.numbers[at] as number) < from) continue;
    const shape = store.shapeAt(at);
    if (shape.kind !== 'ioctl' || shape.outcome?.kind !== 'ok') continue;
    if (new RegExp(`\\b${part.replace(/\W/g, '')}\\b`).test(callText(shape))) return at;
  }
  return undefined;
}

/** Changes with each device that comes or goes. */
function comingsOf(store: Store): number {
  let found = 0;
  for (const [id, { kind }] of store.allShapes()) if (kind === 'plug' || kind === 'unplug') found += store.usesOf(id);
  return found;
}
