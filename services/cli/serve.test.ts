import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-serve-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function serve(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'services/cli/main.ts', 'serve'], {
    cwd: ROOT,
    env: {
      ...process.env,
      JINGWEI_DATA_DIR: folder,
      JINGWEI_HTTP_PORT: '0',
      JINGWEI_MQTT_PORT: '0',
      JINGWEI_RTMP_ENABLED: 'false',
      JINGWEI_JOURNAL_MIN_FREE_BYTES: '0',
      ...env,
    },
  });
  children.push(child);
  const written = { text: '' };
  child.stdout.on('data', (bytes: Buffer) => (written.text += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (written.text += bytes.toString()));
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, written, gone };
}

describe('jingwei serve', () => {
  it('prints a generated admin password, takes it, and ends with 0 on a signal', async () => {
    const first = serve({});
    await expect.poll(() => first.written.text, { timeout: 25_000 }).toContain('server is listening');
    const password = /user "admin", password "([\w-]{20})"/.exec(first.written.text)?.[1];
    const port = /"http":(\d+)/.exec(first.written.text)?.[1];
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password }),
    });
    expect(answer.status).toBe(200);
    // Ctrl-C in a terminal reaches the server and its starter, which passes it on.
    first.child.kill('SIGINT');
    first.child.kill('SIGTERM');
    expect(await first.gone).toBe(0);
    expect(first.written.text).toContain('server has stopped');
  });

  it('says which port is taken, and ends with 1', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    // The one that a thread listens on: its error has to come across.
    const { written, gone } = serve({ JINGWEI_MQTT_PORT: String(port), JINGWEI_LOG_LEVEL: 'silent' });
    expect(await gone).toBe(1);
    expect(written.text).toContain(`Cannot listen on 127.0.0.1:${port}: the port is taken`);
    expect(written.text).not.toMatch(/\n\s+at /);
    holder.close();
  });
});
