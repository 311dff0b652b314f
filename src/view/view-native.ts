/** The system calls that a view needs of the addon: how a descriptor comes out of it. */
import type { Native } from '../transport/native.ts';

export type ViewNative = Pick<Native, 'socketPair' | 'receiveMessage'>;
