/** Serves the built dashboards: files with a hash in their name for ever, the page itself never from a cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Request, type RequestHandler, type Response } from 'express';

const BUILT = fileURLToPath(new URL('../../dist/viz/', import.meta.url));

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Jingwei</title>
<h1>The dashboards are not built</h1>
<p>The server runs. Build the dashboards with <code>npm run build:viz</code> and load this page again.</p>
<p lang="zh">服务已运行，但界面尚未构建：请执行 <code>npm run build:viz</code> 后刷新本页。</p>
</html>
`;

/**
 * Static files of `dist/viz/`, and the page for `/`.
 *
 * @param folder - Where the build is; tests pass their own.
 */
export function serveDashboards(folder: string = BUILT): RequestHandler {
  const page = join(folder, 'index.html');
  const files = express.static(folder, {
    index: 'index.html',
    redirect: false,
    dotfiles: 'ignore',
    setHeaders(res, path) {
      const hashed = /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+$/.test(path);
      res.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return (req: Request, res: Response, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next();
    if (req.path === '/' && !existsSync(page)) {
      res.status(503).setHeader('Cache-Control', 'no-store').type('html').send(NOT_BUILT);
      return;
    }
    files(req, res, next);
  };
}
