import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBundle, openBrowser } from './dev/browser.ts';
import { type MockServer, startMockServer } from './dev/mock-server.ts';

let browser: Browser;
let server: MockServer;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  await ensureBundle();
  server = await startMockServer();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(`${server.url}codes.html?lang=en`);
  await page.getByTestId('place').waitFor();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const code = (tab: string, level: number) =>
  page.getByTestId(`codes-${tab}`).locator(`tbody tr:nth-child(${level}) code`).getAttribute('data-code');

describe('the page of grid codes', () => {
  it('shows the codes of a typed place at all levels, 2D and 3D', async () => {
    await page.getByTestId('place').fill('104.6263, 35.5806, 1900');
    await page.keyboard.press('Enter');
    await expect.poll(() => code('beidou2d', 10)).toBe('N48I570748C320556007');
    await expect.poll(() => page.getByTestId('height').inputValue()).toBe('1900');
    await page.getByTestId('tab-beidou3d').click();
    await expect.poll(() => code('beidou3d', 10)).toBe('N048I00570007408CF30207557600072');
    await page.getByTestId('coding').selectOption('clause6');
    await expect.poll(() => code('beidou3d', 10)).toBe('N048I00570007418C030207557600072');
    await expect.poll(() => page.url()).toContain('coding=clause6');
    await page.getByTestId('tab-h3').click();
    await expect.poll(() => page.getByTestId('codes-h3').locator('tbody tr').count()).toBe(16);
  });

  it('shows the codes of a clicked place', async () => {
    await page.getByTestId('tab-beidou2d').click();
    const before = await code('beidou2d', 10);
    await page.getByTestId('codes-map').click({ position: { x: 60, y: 80 } });
    await expect.poll(() => code('beidou2d', 10)).not.toBe(before);
  });

  it('says what is wrong with what was typed, and takes a code', async () => {
    await page.getByTestId('place').fill('35.5806, 104.6263');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('place-note').innerText()).toContain('longitude comes first');
    await page.getByTestId('place').fill('N48I570748C');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.getByTestId('codes-beidou2d').locator('tr[aria-current] button').first().innerText())
      .toBe('5');
    await expect.poll(() => code('beidou2d', 5)).toBe('N48I570748C');
  });

  it('speaks Chinese, leads back to the overview, and meets no error', async () => {
    await page.getByTestId('language').click();
    await page.getByRole('button', { name: '北斗三维' }).waitFor();
    await expect.poll(() => page.title()).toContain('网格编码');
    await page.getByRole('link', { name: '返回总览' }).click();
    await page.getByTestId('codes-link').waitFor();
    expect(faults).toEqual([]);
  });
});
