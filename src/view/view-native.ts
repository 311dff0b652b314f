/** The system calls that a view needs of the addon: how a descriptor comes out of it, and what happens in /dev. */
import type { Native } from '../transport/native.ts';

export type ViewNative = Pick<Native, 'socketPair' | 'receiveMessage' | 'watchNames' | 'watch' | 'unwatch'>;
