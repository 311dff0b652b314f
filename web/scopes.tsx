/** Scopes: which command passes in which scope of which kernel; what was called here is marked, and where it breaks. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ScopeMatrix, Shape } from './data.ts';
import type { Store } from './store.ts';
import { useShown, useStore } from './use-store.ts';
import { commandText, count, scopeText } from './words.ts';

const SCOPES = ['CONFIGURATION', 'DEBUG_READ_ONLY', 'DEBUG_WRITE', 'DEBUG_WRITE_FULL'];

export function Scopes() {
  const { source } = useShown();
  const store = useStore();
  const [matrix, setMatrix] = useState<ScopeMatrix>();
  const [wrong, setWrong] = useState('');
  const [chosen, choose] = useState<string>();
  const [search, setSearch] = useState('');
  const [calledOnly, setCalledOnly] = useState(false);
  useEffect(() => {
    source.scopes().then(setMatrix, (error: Error) => setWrong(error.message));
  }, [source]);
  const calls = useMemo(() => callsOf(store), [store.version]);
  if (matrix === undefined) return <p class="nothing">{wrong || 'Asking for the scopes…'}</p>;
  const used = calls.find(({ shape }) => shape.driver !== undefined)?.shape.driver;
  const driver = matrix.drivers.find((one) => one.driver === (chosen ?? used)) ?? matrix.drivers[0];
  if (driver === undefined) return <p class="nothing">There is no driver.</p>;
  const { abi } = source.hello;
  const own = calls.filter(({ shape }) => shape.driver === driver.driver);
  const rows = driver.commands
    .map((command) => ({ command, called: own.filter(({ shape }) => isOf(shape, command)) }))
    .filter(
      ({ command, called }) =>
        command.name.toLowerCase().includes(search.toLowerCase()) && (!calledOnly || called.length > 0),
    );
  return (
    <section class="pane scopes" aria-label="Scopes">
      <div class="filter-bar">
        <div class="segments" role="group" aria-label="Driver">
          {matrix.drivers.map(({ driver: name }) => (
            <button type="button" key={name} aria-pressed={name === driver.driver} onClick={() => choose(name)}>
              {name}
            </button>
          ))}
        </div>
        <label class="filter">
          <span class="hidden">Find a command</span>
          <input
            type="search"
            placeholder="Find a command"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={calledOnly} onChange={() => setCalledOnly(!calledOnly)} /> called here
        </label>
      </div>
      <div class="scopes-body" tabIndex={0}>
        <Breaks calls={own} matrix={matrix} tables={driver.tables} />
        <p class="quiet scope-key">
          A cell has the scopes in which the command passes: {SCOPES.map((name, at) => `${at} ${name}`).join(', ')}. 2
          and 3 taint the kernel.
        </p>
        <table class="plain-table matrix">
          <thead>
            <tr>
              <th scope="col">Command</th>
              <th scope="col">Called</th>
              {matrix.abis.map(({ name, title }) => (
                <th scope="col" key={name} title={title} class={name === abi ? 'own' : ''}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ command, called }) => (
              <tr key={`${command.name} ${command.when}`} class={called.length > 0 ? 'called' : ''}>
                <th scope="row">
                  {command.name}
                  {command.when !== undefined && <small class="quiet"> {command.when}</small>}
                </th>
                <td class="numbers">
                  {called.length > 0 && count(called.reduce((sum, { calls: times }) => sum + times, 0))}
                </td>
                {command.scopes.map((scopes, at) => (
                  <td key={matrix.abis[at]?.name} class={matrix.abis[at]?.name === abi ? 'own' : ''}>
                    <Cell
                      scopes={scopes}
                      table={driver.tables[at] ?? 'none'}
                      used={new Set(called.map(({ shape }) => shape.part?.scope))}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && (
          <p class="nothing">
            {driver.commands.length === 0
              ? 'This driver lets everything pass that the core admits.'
              : 'No command fits.'}
          </p>
        )}
      </div>
    </section>
  );
}

interface CellProps {
  readonly scopes: readonly number[] | null;
  readonly table: 'none' | 'all' | 'table';
  readonly used: ReadonlySet<number | undefined>;
}

function Cell({ scopes, table, used }: CellProps) {
  if (table === 'none') return <span class="quiet">no driver</span>;
  if (table === 'all') return <span class="quiet">all</span>;
  if (scopes === null || scopes.length === 0) return <span class="none">none</span>;
  return (
    <span class="scope-set">
      {[0, 1, 2, 3].map((scope) => (
        <span
          key={scope}
          title={SCOPES[scope]}
          class={`${scopes.includes(scope) ? 'in' : 'out'}${used.has(scope) ? ' used' : ''}`}
        >
          {scopes.includes(scope) ? scope : '·'}
        </span>
      ))}
    </span>
  );
}

interface Called {
  readonly shape: Shape;
  readonly calls: number;
}

interface BreaksProps {
  readonly calls: readonly Called[];
  readonly matrix: ScopeMatrix;
  readonly tables: readonly ('none' | 'all' | 'table')[];
}

/** Of the calls that were made, those that some kernel refuses: told by the request's own bytes. */
function Breaks({ calls, matrix, tables }: BreaksProps) {
  const all = (1 << matrix.abis.length) - 1;
  const has = matrix.abis.reduce((mask, _, bit) => (tables[bit] === 'none' ? mask : mask | (1 << bit)), 0);
  const broken = new Map<string, { text: string; mask: number; calls: number }>();
  for (const { shape, calls: times } of calls) {
    const { kernels } = shape.part ?? {};
    if (kernels === undefined || (kernels & has) === has) continue;
    const text = `${commandText(shape)} in scope ${scopeText(shape)}`;
    const before = broken.get(text);
    broken.set(text, { text, mask: kernels & (before?.mask ?? all), calls: times + (before?.calls ?? 0) });
  }
  if (calls.length === 0) return null;
  if (broken.size === 0)
    return <p class="good">Every RPC that was made here passes the driver of each kernel that has it.</p>;
  return (
    <section class="breaks" aria-label="What breaks on which kernel">
      <h3>What breaks on which kernel</h3>
      <table class="plain-table matrix">
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">Times</th>
            {matrix.abis.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...broken.values()].map(({ text, mask, calls: times }) => (
            <tr key={text}>
              <th scope="row">{text}</th>
              <td class="numbers">{count(times)}</td>
              {matrix.abis.map(({ name }, bit) => (
                <td key={name}>
                  {tables[bit] === 'none' ? (
                    <span class="quiet">no driver</span>
                  ) : mask & (1 << bit) ? (
                    <span class="pass">passes</span>
                  ) : (
                    <span class="refuse">refused</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** RPCs, by shape. */
function callsOf(store: Store): Called[] {
  const found: Called[] = [];
  for (const [id, shape] of store.allShapes())
    if (shape.part?.kind === 'rpc' && store.usesOf(id) > 0) found.push({ shape, calls: store.usesOf(id) });
  return found;
}

function isOf({ part }: Shape, { name, number }: ScopeMatrix['drivers'][number]['commands'][number]): boolean {
  const { names = {}, numbers = {} } = part?.request ?? {};
  const [first] = Object.values(numbers);
  return Object.values(names).includes(name) || (number !== undefined && first === number);
}
