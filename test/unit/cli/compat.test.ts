/** A 32-bit program, without a C library: every ioctl of its is ENOTTY, and the trace says why. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repository } from '../../repository.ts';

const program = join(repository, 'dist/bundle/cli/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-compat-'));
after(() => rmSync(folder, { recursive: true }));

/**
 * Exits with 0 when FWCTL_INFO and FWCTL_RPC are ENOTTY (25) and
 * FIOCLEX, which the VFS answers, is 0; else with a number of its own.
 */
const SOURCE = `
static int sys3(int n, int a, int b, int c)
{
	int r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory");
	return r;
}
static struct { unsigned size, flags, type, length; unsigned long long data; } info = { 24, 0, 0, 0, 0 };
void _start(void)
{
	int fd = sys3(5, (int)"/dev/fwctl/fwctl0", 2, 0);
	int wrong = fd < 0 ? 1 : sys3(54, fd, 0x9a00, (int)&info) != -25 ? 2 : sys3(54, fd, 0x9a01, 0) != -25 ? 3 : sys3(54, fd, 0x5451, 0) ? 4 : 0;
	sys3(1, wrong, 0, 0);
}
`;
const FLAGS = ['-m32', '-nostdlib', '-static', '-ffreestanding', '-fno-pie', '-no-pie', '-fno-stack-protector'];

function lacks(): string | false {
  if (process.arch !== 'x64') return 'a 32-bit program of x86 is meant';
  for (const file of [program, '/dev/fuse']) if (!existsSync(file)) return `${file} is missing`;
  const source = join(folder, 'client.c');
  writeFileSync(source, SOURCE);
  const made = spawnSync(process.env.CC ?? 'cc', [...FLAGS, '-o', join(folder, 'client'), source]);
  if (made.status !== 0) return 'the C compiler makes no 32-bit programs here';
  if (spawnSync(join(folder, 'client')).status !== 1) return 'this kernel runs no 32-bit programs';
  const tried = spawnSync(process.execPath, [program, 'run', '--', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? false : tried.stderr.trim();
}

test('a 32-bit program gets ENOTTY, which the trace explains', { skip: lacks() }, () => {
  const run = spawnSync(process.execPath, [program, 'run', '--trace', '--', join(folder, 'client')], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(run.status, 0, run.stderr);
  const refused = run.stderr.split('\n').filter((line) => /-> ENOTTY: the caller is a 32-bit program/.test(line));
  assert.equal(refused.length, 2, run.stderr);
  assert.match(run.stderr, /fix: build the program for 64 bits/);
});
