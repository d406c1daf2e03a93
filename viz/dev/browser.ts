/** Development only: a headless Chromium and a bundle that is not older than its sources, for tests and screenshots. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { newestChange } from './newest-change.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** No GPU, no network of its own: what a test machine has. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--headless=new',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--autoplay-policy=no-user-gesture-required',
];

/** @throws {Error} when Chromium is not installed (Debian: `apt-get install chromium`). */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.JINGWEI_CHROMIUM ?? '/usr/bin/chromium',
    args: [...CHROMIUM_FLAGS],
  });
}

/** Builds `dist/viz` when it is missing or older than `viz/` or `grid/`. */
export async function ensureBundle(): Promise<void> {
  const built = statSync(join(ROOT, 'dist/viz/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > Math.max(newestChange(join(ROOT, 'viz')), newestChange(join(ROOT, 'grid')))) return;
  await build({ configFile: join(ROOT, 'vite.config.ts'), root: join(ROOT, 'viz'), logLevel: 'warn' });
}
