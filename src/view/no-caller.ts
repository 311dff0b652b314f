/** For links of a tree that is written down: as they are for somebody who has asked and opened nothing. */
import type { Caller } from '../kernel/caller.ts';

export const NOBODY: Caller = {
  tid: 0,
  uid: 0,
  gid: 0,
  comm: () => '',
  pid: () => 0,
  capable: () => false,
};
