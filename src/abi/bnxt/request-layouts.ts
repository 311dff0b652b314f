/** Which fields a request has, and its response. */

import { type HwrmLayout, type LayoutTable, requestLayout, responseLayout } from './layout.ts';
import { FUNC_LAYOUTS } from './layouts/func.ts';
import { NVM_LAYOUTS } from './layouts/nvm.ts';
import { OTHER_LAYOUTS } from './layouts/other.ts';
import { PORT_LAYOUTS } from './layouts/port.ts';
import { requestName } from './requests.ts';

export interface RequestLayouts {
  readonly request: HwrmLayout;
  readonly response: HwrmLayout;
}

const WORDS: LayoutTable = { ...FUNC_LAYOUTS, ...PORT_LAYOUTS, ...NVM_LAYOUTS, ...OTHER_LAYOUTS };

/** Names of the requests whose structures are public. */
export const LAID_OUT_REQUESTS: readonly string[] = Object.keys(WORDS);

/** Compiled at first use. */
const compiled = new Map<number, RequestLayouts>();

/** Of a request without a public structure: the headers alone. */
export function layoutsOf(type: number): RequestLayouts {
  let known = compiled.get(type);
  if (known === undefined) {
    const [request = '', response] = WORDS[requestName(type)] ?? [];
    known = { request: requestLayout(request), response: responseLayout(response) };
    compiled.set(type, known);
  }
  return known;
}
