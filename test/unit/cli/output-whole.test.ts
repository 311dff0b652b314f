/** What each verb prints: all of it, whoever reads it and how slowly; where it cannot be, a message and a status. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';

/** What people start: it takes a third of the time of the modules one by one. */
const MAIN = fileURLToPath(new URL('../../../bundle/cli/main.cjs', import.meta.url));
const skip =
  runRefusal() || (!existsSync(MAIN) && `${MAIN} is not built`) || (!existsSync('/dev/full') && 'no /dev/full');
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-whole-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const config = join(scratch, 'lab.yaml');
writeFileSync(config, 'devices:\n  - profile: connectx6dx\n');

/** Lines that say how it is at this moment: their number is compared. */
const MOMENT = /^(stats|metrics|info|dmesg|doctor)/;
/** Verbs with what they print on stdout; those that change something, in a form that may be repeated. */
const LINES = [
  '--help',
  'help run',
  'run --help',
  'record start --help',
  '--version',
  '--print-capabilities',
  'doctor',
  'doctor --json',
  `check ${config}`,
  'check --schema',
  'scopes',
  'scopes --json',
  'openapi',
  'profile list',
  'profile show connectx6dx',
  'profile diff connectx6dx connectx7',
  'list',
  'list --json',
  'info fwctl0 --json',
  'get fwctl0 registers.PAOS',
  'set fwctl0 registers.MTMP.temperature 800',
  'fault list --json',
  'taint',
  'dmesg --json',
  'stats',
  'stats --json',
  'metrics',
  'record status',
];

/** For each: bytes or lines to a file, a slow pipe, captured; status and message without a reader, on a full disk. */
const SCRIPT = `
  emu() { "$NODE" "$MAIN" "$@"; }
  one() {
    at="$DIR/$1" count=$2; shift 2
    emu "$@" >"$at.full" 2>/dev/null
    emu "$@" 2>/dev/null | (sleep 0.2; cat) >"$at.slow"
    captured=$(emu "$@" 2>/dev/null; echo .)
    sleep 0.1 | { emu "$@" 2>"$at.gone"; echo $? >"$at.status"; } | true
    emu "$@" >/dev/full 2>"$at.disk"; disk=$?
    printf '%s|' $(wc $count <"$at.full") $(wc $count <"$at.slow") $(printf %s "\${captured%.}" | wc $count) $(cat "$at.status") $disk
    printf '%s|%s\\n' "$(tail -n 1 "$at.gone")" "$(tail -n 1 "$at.disk")"
  }
  rm -f "$DIR"/[0-9]*
  n=0
  while read -r count line; do
    n=$((n + 1))
    one $n $count $line </dev/null >"$DIR/$n.result" &
    [ $((n % 4)) != 0 ] || wait
  done <"$DIR/lines"
  wait
  for i in $(seq $n); do cat "$DIR/$i.result"; done`;

test('every verb, into a file, a slow pipe and a program; without a reader, and on a full disk', {
  skip,
  timeout: 400_000,
}, () => {
  writeFileSync(join(scratch, 'lines'), LINES.map((line) => `${MOMENT.test(line) ? '-l' : '-c'} ${line}\n`).join(''));
  const words = ['run', '--device', 'connectx6dx,count=400', '--', 'bash', '-c', SCRIPT];
  const env = { ...process.env, NODE: process.execPath, MAIN, DIR: scratch };
  const { stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', env, timeout: 390_000 });
  const rows = stdout.trimEnd().split('\n');
  assert.equal(rows.length, LINES.length, stderr);
  for (const [at, line] of LINES.entries()) {
    const [full, slow, captured, gone, disk, goneSaid, diskSaid] = rows[at]?.split('|') ?? [];
    assert.ok(Number(full) > 0, `${line}: ${rows[at]}`);
    assert.deepEqual([slow, captured], [full, full], `${line}: to a slow pipe, captured`);
    assert.equal(goneSaid, 'fwctl-emu: the output is not whole: its reader has gone (EPIPE)', line);
    assert.match(diskSaid ?? '', /^fwctl-emu: the output is not whole: ENOSPC/, line);
    assert.deepEqual([gone, disk], ['1', '1'], `${line}: status`);
  }
});

test('a trace that is followed: without a reader, and on a full disk', { skip, timeout: 60_000 }, () => {
  const follow = `
    emu() { "$NODE" "$MAIN" "$@"; }
    knock() { for i in $(seq 100); do : </dev/fwctl/fwctl0; sleep 0.05; done; }
    knock & emu trace >/dev/full; echo "full $?" >&2
    { emu trace; echo "gone $?" >&2; } | true; kill %1; wait`;
  const env = { ...process.env, NODE: process.execPath, MAIN };
  const words = [MAIN, 'run', '--', 'bash', '-c', follow];
  const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env, timeout: 50_000 });
  assert.match(
    stderr,
    /^fwctl-emu: the output is not whole: ENOSPC.*\nfull 1\n.*its reader has gone \(EPIPE\)\ngone 1\n$/,
  );
});

test('with stdout closed: said, and a status; the command of run has it closed too', { skip }, () => {
  const script = `"$1" profile list >&-; echo "a verb $?" >&2; "$1" run -- sh -c 'true <&1' >&- 2>/dev/null; echo "run $?" >&2`;
  const launcher = join(repository, 'scripts/fwctl-emu');
  const { stderr } = spawnSync('sh', ['-c', script, 'sh', launcher], { encoding: 'utf8', timeout: 30_000 });
  assert.match(stderr, /^fwctl-emu: the output is not whole: EBADF.*\na verb 1\nrun [1-9]\n$/);
});
