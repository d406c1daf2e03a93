import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../viz/dev/browser.ts';
import { ensureGridLibrary } from '../testing/grid-library.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DINGXI = 'N48I570748C320556007';
const SAY = `import { beidou2d } from 'jingwei/grid';
globalThis.said = beidou2d.format(beidou2d.encode(104.6263, 35.5806, 10), 10);
globalThis.console?.log(globalThis.said);`;

let folder: string;
beforeAll(() => {
  ensureGridLibrary();
  // Inside the repository, where `jingwei/grid` resolves as it does for whoever installs the package.
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'dist', '.library-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One file as a browser would be sent it, made by a bundler that knows nothing of this repository. */
async function bundle(name: string, source: string): Promise<string> {
  writeFileSync(join(folder, `${name}.js`), source);
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: {
      lib: { entry: join(folder, `${name}.js`), formats: ['es'], fileName: name },
      outDir: join(folder, `out-${name}`),
      minify: false,
    },
  });
  const [file] = readdirSync(join(folder, `out-${name}`));
  return readFileSync(join(folder, `out-${name}`, file!), 'utf8');
}

describe("import from 'jingwei/grid'", () => {
  it('works in plain Node, without a loader', () => {
    const done = spawnSync('node', ['--input-type=module', '-e', SAY], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect(done.stderr).toBe('');
    expect(done.stdout.trim()).toBe(DINGXI);
  });

  it('exports the same names as the source, and types for each', async () => {
    const built = (await import(/* @vite-ignore */ join(ROOT, 'dist/grid/index.js'))) as object;
    const source = (await import('../../grid/index.ts')) as object;
    expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort());
    writeFileSync(
      join(folder, 'typed.ts'),
      `import { beidou2d, h3, isGridError, type ZoneGrid } from 'jingwei/grid';
const zone: bigint = beidou2d.encode(1, 2, 3);
const grids: readonly ZoneGrid[] = [beidou2d, h3];
try { h3.parse('x'); } catch (e) { if (isGridError(e, 'zone-invalid')) { const code: 'zone-invalid' = e.code; console.log(code); } }
// @ts-expect-error a level is a number
beidou2d.encode(1, 2, 'three');
console.log(zone, grids.length);\n`,
    );
    const args = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
    const done = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--ignoreConfig', ...args, 'typed.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(done.stdout).toBe('');
    expect(done.status).toBe(0);
  });

  it('has no Node built-in anywhere in it', () => {
    const files = readdirSync(join(ROOT, 'dist/grid'), { recursive: true, encoding: 'utf8' });
    const scripts = files.filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(20);
    for (const name of scripts) {
      const text = readFileSync(join(ROOT, 'dist/grid', name), 'utf8');
      expect(text, name).not.toMatch(/from ['"]node:|require\(|\bprocess\.|\bBuffer\b/);
    }
  });

  it('is what "npm pack" packs, and nothing else of the house', () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const done = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
    const [packed] = JSON.parse(done.stdout) as { files: { path: string }[] }[];
    const paths = packed!.files.map((file) => file.path);
    expect(paths).toContain('dist/grid/index.js');
    expect(paths).toContain('dist/grid/index.d.ts');
    const others = paths.filter((path) => !path.startsWith('dist/grid/'));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('leaves out what is not used: BeiDou alone carries no H3', async () => {
    const beidou = await bundle('beidou', SAY);
    const both = await bundle('both', `${SAY}\nimport { h3 } from 'jingwei/grid'; console.log(h3.id);`);
    expect(both.length).toBeGreaterThan(beidou.length + 200_000);
    expect(beidou.length).toBeLessThan(100_000);
    expect(beidou).not.toMatch(/h3-js|latLngToCell/);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  let server: Server;
  beforeAll(async () => {
    const script = await bundle(
      'page',
      `${SAY}\nimport { h3 } from 'jingwei/grid';
globalThis.cell = h3.format(h3.encode(104.6263, 35.5806, 9), 9);`,
    );
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('gives the same codes as in Node', async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.cell !== undefined');
    expect(await page.evaluate('globalThis.said')).toBe(DINGXI);
    const { h3 } = await import('../../grid/index.ts');
    expect(await page.evaluate('globalThis.cell')).toBe(h3.format(h3.encode(104.6263, 35.5806, 9), 9));
  });
});
