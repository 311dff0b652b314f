/** What a view needs of the addon: what comes out of it, how its command ended, what happens in /dev. */
import type { Native } from '../transport/native.ts';

export type ViewNative = Pick<
  Native,
  'socketPair' | 'receiveMessage' | 'reapChild' | 'watchNames' | 'watch' | 'unwatch'
>;
