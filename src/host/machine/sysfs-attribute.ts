/** Attributes of devices in sysfs, as most are: a line of text, or one that cannot be read. */
import type { ErrnoName } from '../../abi/errno.ts';
import type { SysfsAttribute } from './host-device.ts';

/** `content`: without its newline; a function is asked at each read. */
export function line(path: string, content: SysfsAttribute['content'], mode = 0o444): SysfsAttribute {
  return { path, mode, content: typeof content === 'string' ? `${content}\n` : () => `${content()}\n` };
}

export function refused(path: string, fails: ErrnoName): SysfsAttribute {
  return { path, mode: 0o444, content: '', fails };
}
