/** A component that is drawn again when the store has changed. */
import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { Source } from './data.ts';
import type { Store } from './store.ts';

export interface Shown {
  readonly store: Store;
  readonly source: Source;
  /** The number of the event that is looked at. */
  readonly selected: number | undefined;
  select(number: number | undefined): void;
  go(tab: TabName): void;
}

export type TabName = 'calls' | 'timeline' | 'device' | 'scopes' | 'faults' | 'sweep';

export const ShownContext = createContext<Shown | undefined>(undefined);

export function useShown(): Shown {
  const shown = useContext(ShownContext);
  if (shown === undefined) throw new Error('there is no store');
  return shown;
}

/** The version of the store; again with each frame in which it has changed. */
export function useStore(): Store {
  const { store } = useShown();
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => store.subscribe(() => again(undefined)), [store]);
  return store;
}
