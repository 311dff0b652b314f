#!/usr/bin/env node
// Takes the pictures of docs/inspector.md and README.md from the real pages: C clients run under `fwctl-emu run --web`,
// and Chromium, without a window, looks. So they show what is there.
//
//   scripts/docs-pictures.mjs      writes docs/pictures/*.png; needs what is built (make build) and Chromium

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { env, exit, geteuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const clients = join(root, 'build/c');
const folder = join(root, 'docs/pictures');
const SIZE = { width: 1180, height: 680 };

// Three programs at once, some calls late, then those that are refused; and all stays for the pictures.
const SCENE = `
for i in 1 2 3; do bench-client --op rpc --opcode 0x100 --op-mod 1 --in 16 --out 4112 --count 12 /dev/fwctl/fwctl0 >/dev/null & done
sleep 0.05; demo-reg; demo-scope; wait; demo-cap; demo-reg; sleep 60`;

const PICTURES = [
  {
    name: 'calls',
    colorScheme: 'light',
    async look(page) {
      await page.locator('#filter').fill('command=ACCESS_REG');
      await page.locator('.call-row.tone-bad').last().click();
      await page.locator('.why').waitFor();
      await page.getByRole('button', { name: 'register_id', exact: true }).hover();
    },
  },
  {
    name: 'timeline',
    colorScheme: 'dark',
    async look(page) {
      await page.getByRole('tab', { name: 'Timeline' }).click();
      await page.locator('.plain-table .link').first().waitFor();
      await page.locator('canvas').hover({ position: { x: 640, y: 40 } });
    },
  },
  {
    name: 'scopes',
    colorScheme: 'light',
    async look(page) {
      await page.getByRole('tab', { name: 'Scopes' }).click();
      await page.locator('.breaks').waitFor();
    },
  },
];

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
if (executablePath === undefined) {
  console.error('docs-pictures: Chromium is missing: apt-get install chromium');
  exit(1);
}
const words = ['run', '--web', '--fault', 'rpc:opcode=QUERY_HCA_CAP:delay=6ms:every=3', '--', 'sh', '-c', SCENE];
const child = spawn(join(root, 'scripts/fwctl-emu'), words, {
  env: { ...env, PATH: `${clients}:${env.PATH}` },
  stdio: ['ignore', 'ignore', 'pipe'],
});
const url = await new Promise((resolve, reject) => {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    const [found] = /http:\/\/\S+/.exec(said) ?? [];
    if (found !== undefined) resolve(found);
  });
  child.once('exit', () => reject(new Error(said)));
});
const browser = await chromium.launch({ executablePath, args: geteuid() === 0 ? ['--no-sandbox'] : [] });
try {
  mkdirSync(folder, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 3000)); // the scene is over
  for (const { name, colorScheme, look } of PICTURES) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme });
    await page.goto(url);
    await page.locator('.call-row:not(.head)').first().waitFor();
    // The command of the scene says nothing to a reader.
    await page.locator('.command').evaluate((element) => {
      element.textContent = 'run ./my-tests';
    });
    await look(page);
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(folder, `inspector-${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  child.kill('SIGTERM');
}
