import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../http/test-server.ts';

const run = promisify(execFile);
const guide = readFileSync(new URL('../../docs/coding.md', import.meta.url), 'utf8');

/** The block behind a mark such as `<!-- run: bring -->`. */
function block(mark: string): string {
  const found = new RegExp(`<!-- ${mark} -->\n\`\`\`\\w+\n([\\s\\S]*?)\`\`\``).exec(guide);
  if (found === null) throw new Error(`docs/coding.md has no block "${mark}"`);
  return found[1]!;
}

let server: TestServer;
let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(join(tmpdir(), 'jingwei-guide-'));
  env = { ...process.env, URL: server.url, TOKEN: await server.tokenOf('officer') };
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function shell(mark: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run('bash', ['-c', block(`run: ${mark}`)], {
    cwd: folder,
    env: { ...env, ...more },
  });
  return stdout;
}

describe('docs/coding.md', () => {
  it('the file of the guide is coded by its commands, as it says', async () => {
    writeFileSync(join(folder, 'places.csv'), block('file: places.csv'));
    const job = JSON.parse(await shell('bring')) as { id: string };
    const asked = async () => JSON.parse(await shell('poll', { JOB: job.id })) as Record<string, unknown>;
    await expect.poll(asked, { timeout: 25_000 }).toMatchObject({
      state: 'done',
      summary: { rows: 3, refused: 2, refusals: { 'value-missing': 1, 'position-invalid': 1 } },
    });
    const result = await shell('result', { JOB: job.id });
    expect(result.split('\n').slice(0, 3)).toEqual(block('gives: result').trimEnd().split('\n'));
    expect(result.split('\n')[3]).toMatch(/^写反了,35.58,104.62,,,,.*position-invalid: .*look swapped/);
  });

  it.each(['encode', 'decode'])('the stream of "%s" answers what the guide says', async (mark) => {
    expect(await shell(mark)).toBe(block(`gives: ${mark}`));
  });
});
