/** The filter, in the trace's own grammar, and the usual ones at a click. What is wrong is said as the trace says it. */
import { useEffect, useId, useState } from 'preact/hooks';
import { useShown, useStore } from './use-store.ts';
import { count, isRefused } from './words.ts';

const QUICK = [
  { name: 'All', fits: undefined },
  { name: 'Refused', fits: isRefused },
  { name: 'Held', fits: ({ held }: { held?: boolean }) => held === true },
] as const;

export function FilterBar() {
  const store = useStore();
  const { source } = useShown();
  const [text, setText] = useState('');
  const [quick, setQuick] = useState(0);
  const [wrong, setWrong] = useState('');
  const id = useId();
  useEffect(() => {
    try {
      store.setFilter(text, source.hello.status_names, QUICK[quick]?.fits);
      setWrong('');
    } catch (error) {
      setWrong((error as Error).message);
    }
  }, [text, quick, store, source]);
  const { length, shownLength } = store;
  return (
    <div class="filter-bar">
      <div class="segments" role="group" aria-label="Which calls">
        {QUICK.map(({ name }, at) => (
          <button type="button" key={name} aria-pressed={quick === at} onClick={() => setQuick(at)}>
            {name}
          </button>
        ))}
      </div>
      <label class="filter">
        <span class="hidden">Filter</span>
        <input
          id="filter"
          type="search"
          spellcheck={false}
          autocomplete="off"
          placeholder="Filter:  command=ACCESS_REG|QUERY_*, outcome!=ok"
          value={text}
          aria-invalid={wrong !== ''}
          aria-describedby={wrong === '' ? undefined : id}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <span class="counts" aria-live="off">
        {shownLength === length ? count(length) : `${count(shownLength)} of ${count(length)}`}
        {store.behind && <span title="more events are on their way"> …</span>}
      </span>
      {wrong !== '' && (
        <p class="wrong" id={id} role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
