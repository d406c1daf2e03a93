/**
 * Runs inside a network namespace that has nothing but loopback: starts the demo, opens the overview in a browser and
 * says, as one JSON line, what it saw.
 */
import { networkInterfaces } from 'node:os';
import { openBrowser } from '../../viz/dev/browser.ts';
import { startDemo } from './demo-process.ts';
import { removeData } from './server-process.ts';

const demo = await startDemo();
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const origins = new Set<string>();
  const failures: string[] = [];
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  page.on('requestfailed', (request) => failures.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on('pageerror', (error) => failures.push(error.message));
  await page.goto(demo.wallUrl);
  await page.waitForFunction(
    () => ((globalThis as { __jingwei?: { zones: number } }).__jingwei?.zones ?? 0) > 0,
    undefined,
    { timeout: 60_000 },
  );
  const text = await page.evaluate(() => document.body.textContent ?? '');
  console.log(
    JSON.stringify({
      interfaces: Object.keys(networkInterfaces()),
      origins: [...origins].filter((origin) => origin !== 'null'),
      own: `http://127.0.0.1:${demo.ports.http}`,
      failures,
      demoTag: text.includes('DEMO'),
      startMs: Math.round(demo.startMs),
    }),
  );
} finally {
  await browser.close();
  await demo.stop();
  removeData(demo.dataDir);
}
