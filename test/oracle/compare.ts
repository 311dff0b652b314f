/** Records of fwx against the golden ones: what names the machine is levelled, everything else must be equal. */
import { isDeepStrictEqual } from 'node:util';
import type { GoldenRecord } from '../conformance/golden.ts';
import { RECORDED_ARCH, withoutLargeFile } from './large-file.ts';

export interface Difference {
  /** `order/O123`, `vfs/epoll_ctl ADD`: section and the record's own name. */
  readonly key: string;
  /** Undefined: there should be no such record. */
  readonly want: GoldenRecord | undefined;
  /** Undefined: the record is missing. */
  readonly have: GoldenRecord | undefined;
}

export interface Comparison {
  readonly records: number;
  readonly differences: readonly Difference[];
  /** The golden records that ours are equal to. */
  readonly agreed: readonly Pick<Difference, 'key' | 'want'>[];
}

/** What a record is about. Two of one name are told apart by their order. */
export function recordKey(record: GoldenRecord): string {
  const { id, sect, name, t, cmd, dir, bit, op, mod, path, open, step } = record;
  const [first] = Object.keys(record);
  return String(
    id ??
      (sect !== undefined ? name : undefined) ??
      (t !== undefined
        ? `${t} ${name ?? bit ?? `${cmd ?? 'summary'}${dir === undefined ? '' : ` dir ${dir}`}`}`
        : undefined) ??
      (mod !== undefined ? `${op}/${mod}` : op) ??
      path ??
      (open !== undefined && first === 'open' ? `open ${open}` : undefined) ??
      step ??
      (record.write !== undefined ? `write ${record.write}` : first),
  );
}

export function compareRecords(
  section: string,
  golden: readonly GoldenRecord[],
  records: readonly GoldenRecord[],
): Comparison {
  const want = grouped(golden);
  const have = grouped(records);
  const differences: Difference[] = [];
  const agreed: Pick<Difference, 'key' | 'want'>[] = [];
  let count = 0;
  for (const key of new Set([...want.keys(), ...have.keys()])) {
    const [wanted, had] = [want.get(key) ?? [], have.get(key) ?? []];
    for (let i = 0; i < Math.max(wanted.length, had.length); i++) {
      count++;
      const pair = { key: `${section}/${key}`, want: wanted[i] };
      if (isDeepStrictEqual(wanted[i], had[i])) agreed.push(pair);
      else differences.push({ ...pair, have: had[i] });
    }
  }
  return { records: count, differences, agreed };
}

function grouped(records: readonly GoldenRecord[]): Map<string, GoldenRecord[]> {
  const groups = new Map<string, GoldenRecord[]>();
  for (const record of records) {
    if (record.hook !== undefined) continue;
    const key = recordKey(record);
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return groups;
}

/** The recorder's dynamic major number. */
const GOLDEN_MAJOR = 252;
/** Where the recorder's raw mocks hung, and where ours do: names, not behaviour. */
const RAW_PARENTS: readonly (readonly [string, string])[] = [
  ['platform/fwmock_raw.0', 'pci0000:00/0000:00:0c.0'],
  ['platform/fwmock_raw.1', 'pci0000:00/0000:00:0d.0'],
  ['fwmock_raw.0', '0000:00:0c.0'],
  ['fwmock_raw.1', '0000:00:0d.0'],
];
/** Sections in which the major number stands. */
const WITH_MAJOR = /^(sysfs|plug|taint)/;

/** A golden record with our names. */
export function levelGolden(section: string, record: GoldenRecord): GoldenRecord {
  let text = JSON.stringify(record);
  if (section === 'sysfs') for (const [theirs, ours] of RAW_PARENTS) text = text.replaceAll(theirs, ours);
  return levelled(section, text, RECORDED_ARCH);
}

/** The recorder's one processor, for whatever number of them this machine has. */
const PROCESSORS: readonly (readonly [RegExp, string])[] = [
  [/(local_cpulist".*"text":")[^\\]*/, '$10'],
  [/(local_cpus".*"text":")[^\\]*/, '$11'],
];

/** A record of ours with the recorder's major number; both sides lose process ids, inode numbers and O_LARGEFILE. */
export function levelOurs(
  section: string,
  record: GoldenRecord,
  major: number,
  arch: string = process.arch,
): GoldenRecord {
  let text = JSON.stringify(record);
  if (WITH_MAJOR.test(section)) text = text.replace(new RegExp(`(?<!\\d)${major}(?!\\d)`, 'g'), `${GOLDEN_MAJOR}`);
  text = text.replace(/socket:\[\d+\]/g, 'socket:[INODE]');
  if (section === 'sysfs') for (const [pattern, theirs] of PROCESSORS) text = text.replace(pattern, theirs);
  return levelled(section, text, arch);
}

function levelled(section: string, text: string, arch: string): GoldenRecord {
  if (section.startsWith('taint')) {
    return JSON.parse(text.replace(/\(\d+\): has/g, '(PID): has').replace(/"pid":\d+/, '"pid":0'));
  }
  if (section === 'vfs') {
    return JSON.parse(
      text
        .replace(/mnt_id:\\t\d+/, 'mnt_id:')
        .replace(/ino:\\t\d+/, 'ino:')
        .replace(/("(?:flags|ro|wo|path)":"|flags:\\t)0([0-7]+)/g, (_, name, octal) => {
          return `${name}0${withoutLargeFile(Number.parseInt(octal, 8), arch).toString(8)}`;
        })
        .replace(/(ADVISORY {2}WRITE) \d+ [0-9a-f]+:[0-9a-f]+:\d+/, '$1 PID INODE'),
    );
  }
  return JSON.parse(text);
}
