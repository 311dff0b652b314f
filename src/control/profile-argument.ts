/** A profile's file in the SPEC of `plug`, on the side of the command line: its path, and its text. */
import { resolve } from 'node:path';
import { isDescriptorPath, readGivenFile } from '../host/config/named-file.ts';
import { isProfilePath } from '../host/config/profile-path.ts';
import type { Values } from './method.ts';
import { MAX_PROFILE_BYTES } from './protocol.ts';

/**
 * The path made absolute. With `refused` also the text, read with the client's own rights; undefined: there is no file.
 * A descriptor of the client's (`<(...)`) is nothing to the emulator, and is read at once. Throws an Error that says
 * why the file cannot be read.
 */
export function profileArgument(written: Values, refused: boolean): Values | undefined {
  const items = String(written.spec).split(',');
  const at = items.findIndex((item, i) => item.startsWith(KEY) || (i === 0 && !item.includes('=')));
  const [item = ''] = at < 0 ? [] : [items[at]];
  const name = item.startsWith(KEY) ? item.slice(KEY.length) : item;
  if (!isProfilePath(name)) return refused ? undefined : written;
  const path = resolve(name);
  // A comma would end it.
  const bare = item === name && !path.includes('=') ? '' : KEY;
  items[at] = `${bare}${path.includes(',') ? name : path}`;
  const spec = items.join(',');
  if (!refused && !isDescriptorPath(path)) return { ...written, spec };
  return { ...written, spec, profile: readGivenFile(path, { what: 'profile', maxBytes: MAX_PROFILE_BYTES }) };
}

const KEY = 'profile=';
