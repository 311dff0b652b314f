/** A run with its inspector, and a page of it in Chromium: what each of the browser's tests begins with. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { repository } from '../repository.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const PROGRAM: string = join(repository, 'dist/bundle/cli/main.cjs');
export const CLIENTS: string = join(repository, 'build/c');

/** What the machine lacks, for a test's `skip`; false: nothing. */
export function lacks(): string | false {
  if (Number.parseInt(process.versions.node, 10) < 20) return 'playwright-core needs Node.js 20';
  if (chromiumPath() === undefined) return 'Chromium is missing: apt-get install chromium';
  for (const file of [PROGRAM, join(CLIENTS, 'demo-reg'), '/dev/fuse'])
    if (!existsSync(file)) return `${file} is missing`;
  const tried = spawnSync(process.execPath, [PROGRAM, 'run', '--', 'true'], { encoding: 'utf8', timeout: 60_000 });
  return tried.status === 0 ? false : tried.stderr.trim();
}

function chromiumPath(): string | undefined {
  return CHROMIUM.find((path) => existsSync(path));
}

/** Root may not use Chromium's own sandbox. */
export async function startBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core'); // it ends the process of an older Node.js
  const args = process.geteuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath() ?? '', args });
}

export interface InspectedRun {
  /** With its token. */
  readonly url: string;
  readonly child: ChildProcess;
  /** What was said on stderr so far. */
  said(): string;
  /** Resolves with the exit status. */
  stop(): Promise<number | null>;
}

/** `fwctl-emu run --web OPTIONS -- sh -c SCRIPT`, whose PATH has the C clients first. */
export async function startRun(options: readonly string[], script: string): Promise<InspectedRun> {
  const env = { ...process.env, PATH: `${CLIENTS}:${process.env.PATH}` };
  const words = [PROGRAM, 'run', '--web', ...options, '--', 'sh', '-c', script];
  const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'ignore', 'pipe'] });
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [found] = /http:\/\/\S+/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`it ended: ${text}`)));
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    url,
    child,
    said: () => text,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      const status = await exited;
      clearTimeout(late);
      return status;
    },
  };
}

/** A page that complains of nothing: what its console says goes into `complaints`. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 860 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.goto(url);
  return { page, complaints };
}

/** What axe-core finds serious or critical; its script comes past the page's own policy, as a browser's extension. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`);
  });
  assert.deepEqual(found, [], what);
}

const PATIENCE_MS = 10_000;

/** What `read` says is `expected` before long: a page draws when its turn comes. */
export async function becomes<T>(read: () => Promise<T>, expected: T, why?: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  let said = await read();
  while (!isDeepStrictEqual(said, expected) && Date.now() < until) said = await read();
  assert.deepEqual(said, expected, why);
}
