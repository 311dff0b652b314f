/** The inspector in a real browser, in short: it loads, calls come live, the filter works, a refusal is explained. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, becomes, type InspectedRun, lacks, openPage, startBrowser, startRun } from './inspected.ts';

const skip = lacks();
let run: InspectedRun;
let browser: Browser;
before(async () => {
  if (skip !== false) return;
  // one round before the page is there, and others while it looks
  const rounds = 'while :; do demo-reg; demo-cap; sleep 0.3; done';
  [run, browser] = await Promise.all([startRun([], rounds), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await run?.stop();
});

test('calls come live; the filter shows some, and says what is wrong; a refusal is explained', { skip }, async () => {
  const { page, complaints } = await openPage(browser, run.url);
  await page.locator('.call-row:not(.head)').first().waitFor();
  const counted = async () => Number((await page.locator('.counts').innerText()).replace(/\D.*/, ''));
  const first = await counted();
  for (const until = Date.now() + 10_000; (await counted()) <= first; ) assert.ok(Date.now() < until, 'no call came');

  const filter = page.locator('#filter');
  await filter.fill('comand=ACCESS_REG');
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /there is no key "comand".*did you mean command/);
  await filter.fill('command=ACCESS_REG,outcome=refused');
  await page.locator('.call-row.tone-bad').first().click();
  const why = page.getByRole('region', { name: 'Refused by the kernel: EBADMSG' });
  await why.waitFor();
  assert.match(await why.innerText(), /needs scope\s+FWCTL_RPC_DEBUG_READ_ONLY[\s\S]*Passes[\s\S]*Fix/);
  const outcomes = await page.locator('.call-row:not(.head) .c-outcome').allInnerTexts();
  assert.deepEqual([...new Set(outcomes)], ['EBADMSG']);
  await assertAccessible(page, 'calls');
  assert.deepEqual(complaints, []);
  await page.close();
});

test('to point at a field marks its bits, and to point at a byte its field', { skip }, async () => {
  const { page, complaints } = await openPage(browser, run.url);
  await page.locator('#filter').fill('command=MGIR,outcome=ok');
  await page.locator('.call-row:not(.head)').first().click();
  const reply = page.locator('.message', { has: page.getByRole('heading', { name: 'Reply' }) });
  await reply.getByRole('button', { name: 'hw_info.device_id', exact: true }).hover();
  await becomes(() => reply.locator('.bytes b.in').allInnerTexts(), ['10', '1d'], 'the ConnectX-6 Dx');
  assert.match(await reply.locator('.bits').innerText(), /hw_info\.device_id = 4125/);
  await reply.locator('.bytes b').nth(0x13).hover();
  await becomes(() => reply.locator('tr.marked').count(), 1);
  // by the keyboard as well
  await page.getByRole('button', { name: 'register_id', exact: true }).first().focus();
  await becomes(() => page.locator('.message').first().locator('.bytes b.in').allInnerTexts(), ['90', '20']);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a wrong token shows nothing but that it is wrong', { skip }, async () => {
  const { page } = await openPage(browser, run.url.replace(/#.*/, '#wrong'));
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /the token is missing or wrong/);
  await page.close();
});
