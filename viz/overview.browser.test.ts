/** The built overview in a real browser against the invented city of `dev/`. */
import './engine/drawn-state.ts';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBundle, openBrowser } from './dev/browser.ts';
import { type MockServer, startMockServer } from './dev/mock-server.ts';

const SIZE = { width: 1280, height: 720 };
/** Over the middle of the invented city, where devices stand. */
const TOWN = 'lang=en&view=104.61,35.58,8.6';

let browser: Browser;
let server: MockServer;
let page: Page;
const foreign: string[] = [];
const complaints: string[] = [];

function listen(to: Page): Page {
  to.on('request', (r) => {
    const url = new URL(r.url());
    if (url.protocol !== 'blob:' && url.protocol !== 'data:' && url.hostname !== '127.0.0.1')
      foreign.push(r.url());
  });
  to.on('console', (m) => {
    if (/Content Security Policy|WebGL|luma|deck/i.test(m.text())) complaints.push(m.text());
  });
  to.on('pageerror', (e) => complaints.push(e.message));
  return to;
}

const drawn = (): Promise<{ seqRendered: number; zones: number; framesRendered: number }> =>
  page.evaluate('window.__jingwei') as never;

async function open(query: string): Promise<void> {
  await page.goto(`${server.url}?${query}`);
  await page.waitForFunction(() => (window.__jingwei?.seqRendered ?? 0) > 0);
}

/** Pixels of the map's middle that are clearly blue or green: zone fills, and nothing else on the ground. */
async function colouredPixels(): Promise<number> {
  const box = await page.getByTestId('map').boundingBox();
  if (!box) throw new Error('The map has no box');
  const clip = {
    x: box.x + box.width * 0.4,
    y: box.y + box.height * 0.15,
    width: box.width * 0.5,
    height: box.height * 0.6,
  };
  const { data } = PNG.sync.read(await page.screenshot({ clip }));
  let n = 0;
  for (let i = 0; i < data.length; i += 4) if ((data[i + 2] as number) - (data[i] as number) > 45) n++;
  return n;
}

beforeAll(async () => {
  await ensureBundle();
  server = await startMockServer();
  browser = await openBrowser();
  page = listen(await browser.newPage({ viewport: SIZE }));
  page.setDefaultTimeout(60_000);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

// A machine without a GPU draws in software and may be busy: waits are long, what is asserted is not timed but the banner.
describe('overview board', { timeout: 90_000 }, () => {
  it('draws zones on the map, none when none are asked for, and goes on drawing newer frames', async () => {
    await open(`${TOWN}&layer=none`);
    await page.waitForTimeout(500);
    const without = await colouredPixels();
    await open(TOWN);
    await page.waitForFunction(() => (window.__jingwei?.zones ?? 0) > 5);
    const first = await drawn();
    expect(await colouredPixels()).toBeGreaterThan(without + 3000);
    await page.waitForFunction((n) => (window.__jingwei?.seqRendered ?? 0) > n, first.seqRendered + 3);
    expect((await drawn()).framesRendered).toBeGreaterThan(first.framesRendered);
  });

  it('a click on a zone opens its dossier and names it in the address; Escape closes it', async () => {
    const box = await page.getByTestId('map').boundingBox();
    if (!box) throw new Error('The map has no box');
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    const dossier = page.getByTestId('dossier');
    await dossier.getByText('Last 24 hours').waitFor();
    expect(await dossier.getByRole('listitem').count()).toBeGreaterThan(0);
    expect(page.url()).toMatch(/zone=h3\/[0-9a-f]{15}/);
    await page.keyboard.press('Escape');
    await dossier.waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('zone=');
  });

  it('the grid switch changes the zones that are drawn, and the table shows the same ones', async () => {
    await page.getByTestId('grid-beidou2d').click();
    await page.getByTestId('table').click();
    const ids = page.getByTestId('twin').getByRole('rowheader');
    await page.waitForFunction(
      () => document.querySelector('[data-testid=twin] tbody th')?.textContent?.startsWith('N48'),
      undefined,
    );
    expect(await ids.count()).toBe((await drawn()).zones);
    // Found and read in one turn of the page: rows may change places between two.
    const values: string[] = await page.evaluate(
      `[...document.querySelectorAll('[data-testid=twin] tbody td:nth-child(3)')].map((cell) => cell.textContent)`,
    );
    const numbers = values.map(Number);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    await ids.first().getByRole('button').click();
    await page.getByTestId('dossier').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.getByTestId('twin').waitFor({ state: 'detached' });
    await page.getByTestId('grid-h3').click();
    expect(page.url()).toContain('grid=h3');
  });

  it('speaks Chinese and English, and remembers it in the address', async () => {
    await page.getByTestId('language').click();
    await page.getByRole('heading', { name: '定西城市大脑' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN');
    expect(page.url()).toContain('lang=zh');
    await page.keyboard.press('l');
    await page.getByRole('heading', { name: 'Dingxi City Brain' }).waitFor();
  });

  it('new events wait behind a chip while the pointer is in the list', async () => {
    const rows = page.locator('.event-list li');
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await rows.first().hover();
    // Two events may have the same title: only the id tells them apart.
    const firstSix = () =>
      rows.evaluateAll((items) =>
        items.slice(0, 6).map((item) => {
          const { offsetTop, dataset } = item as HTMLElement;
          return `${offsetTop} ${dataset.event}`;
        }),
      );
    const before = await firstSix();
    await page.getByTestId('new-events').waitFor();
    expect(await firstSix()).toEqual(before);
    await page.getByTestId('new-events').click();
    await expect.poll(async () => (await firstSix())[0], { timeout: 20_000 }).not.toBe(before[0]);
    await page.mouse.move(600, 400);
    await page.getByTestId('new-events').waitFor({ state: 'detached' });
  });

  it('says within 10 s that the server is lost, greys, and heals without a reload', async () => {
    await page.evaluate('window.__sameDocument = true');
    const { port } = server;
    const lost = performance.now();
    await server.close();
    await page.getByTestId('lost-banner').waitFor({ timeout: 10_000 });
    expect(performance.now() - lost).toBeLessThan(10_000);
    expect(await page.getByTestId('badge').innerText()).toContain('NO SERVER');
    expect(await page.locator('.figure.grey').count()).toBeGreaterThan(3);
    server = await startMockServer({ port });
    await page.getByTestId('lost-banner').waitFor({ state: 'detached' });
    expect(await page.evaluate('window.__sameDocument')).toBe(true);
    expect(await page.getByTestId('badge').innerText()).toContain('LIVE');
  });

  it('asks for a sign-in when the session ends, refuses a wrong password, and comes back', async () => {
    server.signOut();
    await page.goto(`${server.url}?lang=en`);
    await page.getByLabel('User').fill('wall');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('User or password is wrong.').waitFor();
    await page.getByLabel('Password').fill('right');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForFunction(() => (window.__jingwei?.seqRendered ?? 0) > 0, undefined, {
      timeout: 20_000,
    });
  });

  it('never asked another host for anything, under a policy without inline code, and the GPU had no complaint', () => {
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
