/** bnxt-tool, a client in C, against the devices of examples/bnxt.yaml, by the program that users start. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repository } from '../../repository.ts';

const program = join(repository, 'dist/bundle/cli/main.cjs');
const tool = join(repository, 'build/c/bnxt-tool');
const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-bnxt-tool-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const emu = (...words: readonly string[]) =>
  spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', timeout: 60_000 });

function lacks(): string | false {
  for (const file of [program, tool, '/dev/fuse']) if (!existsSync(file)) return `${file} is missing`;
  const tried = emu('run', '--', 'true');
  return tried.status === 0 ? false : tried.stderr.trim();
}

const skip = lacks();
const example = join(repository, 'examples/bnxt.yaml');

test('the example: values, items, answers and a module of its own', { skip }, () => {
  const script = `${tool} info; ${tool} nvm; ${tool} get 900; ${tool} get 9; ${tool} /dev/fwctl/fwctl1 info`;
  const { stdout, stderr } = emu('run', '-c', example, '--', 'sh', '-c', script);
  assert.match(
    stdout,
    /chip {10}0x1750 rev 1\nhwrm {10}1\.10\.3\nfirmware {6}234\.1\.2\.0\npackage {7}230\.1\.116\.0\n/,
  );
  assert.match(stdout, /port {10}link, 25000 Mb\/s, module EMULATED/);
  assert.match(stdout, /temperature {3}71 C, warning at 95 C/);
  assert.match(stdout, /a second {6}[1-9]\d+ frames received, [1-9]\d+ sent/);
  assert.match(stdout, / 8 {2}0x31 {8}0 /);
  assert.match(stdout, /900: 0x102, 16 bits/);
  assert.match(stderr, /request 0xfff1: the firmware refuses: error_code 0x1, cmd_err 1/);
  assert.match(stderr, /request 0x0: the firmware refuses: error_code 0xffff/);
});

test('a coredump is walked to its end, and a variable that was set is there in the next run', { skip }, () => {
  const state = join(scratch, 'state');
  const device = ['--state', state, '--device', 'bnxt57508'];
  const first = emu('run', ...device, '--', 'sh', '-c', `${tool} coredump && ${tool} set 401 1 0`);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /component 1 segment 1: 10000 of 10000 bytes in 3 pieces/);
  assert.match(emu('run', ...device, '--', tool, 'get', '401').stdout, /401: 0x0, 8 bits/);
  const [file = ''] = readdirSync(state);
  writeFileSync(join(state, file), 'x');
  const damaged = emu('run', ...device, '--', tool, 'get', '401');
  assert.notEqual(damaged.status, 0);
  assert.match(damaged.stderr, /0000:00:0a\.0\.json: the saved state is damaged/);
});

test('profile show, check and diff know profiles of bnxt', { skip }, () => {
  const path = join(scratch, 'card.yaml');
  writeFileSync(path, emu('profile', 'show', 'bnxt57508').stdout);
  assert.match(
    emu('profile', 'check', path).stdout,
    /ok: bnxt57508, 8 NVM items, 8 NVM variables, 3 coredump segments/,
  );
  assert.equal(emu('profile', 'diff', 'bnxt57508', path).status, 0);
  writeFileSync(path, 'base: bnxt57508\ntemp: 60\nlnk: {speed: 25G}\n');
  assert.match(emu('profile', 'check', path).stderr, /card\.yaml:3:1: unknown key "lnk".*did you mean link/);
  writeFileSync(path, 'base: bnxt57508\ntemp: 60\nlink: {speed: 25G}\n');
  assert.equal(emu('profile', 'diff', 'bnxt57508', path).stdout, 'temp: 52 -> 60\nlink.speed: "100G" -> "25G"\n');
  assert.match(emu('profile', 'diff', 'connectx6dx', path).stderr, /compare two of one driver/);
});
