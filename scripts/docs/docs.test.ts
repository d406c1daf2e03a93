import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SOURCES } from '../../ingest/index.ts';
import { declarationSchema, REJECTION_CODES, type Source } from '../../ingest/model/index.ts';
import { contextOfDeclarations } from '../../ingest/sources/example-context.ts';
import { configOf, loadConfig } from '../../services/config.ts';
import { createLog } from '../../services/log.ts';
import { type Server, startServer } from '../../services/main.ts';
import { ROUTES } from '../../services/routes/index.ts';
import { anchorsOf, linksOf, markdownFiles, markedBlocks, ROOT, read, wordsOf } from './guides.ts';
import { TABLES, withTables, writtenPath } from './tables.ts';

describe('settings and routes', () => {
  it.each(TABLES.map(({ file, name }) => [name, file]))(
    'the table "%s" of %s is the one of the code',
    (_name, file) => {
      expect(read(file)).toBe(withTables(file, read(file)));
    },
  );

  it('operations.md names every setting with its key and its environment name', () => {
    const text = read('docs/operations.md');
    for (const { path, env } of loadConfig({}).settings) {
      expect(text).toContain(`\`${path}\``);
      expect(text).toContain(`\`${env}\``);
    }
  });

  it('api.md speaks of every route outside its table, with its method', () => {
    const prose = read('docs/api.md').replace(/<!-- table: routes -->[\s\S]*<!-- \/table -->/, '');
    const missing = ROUTES.filter(({ method, path }) => {
      const written = writtenPath(path);
      // The live stream is a WebSocket; lists of people are named together in one row.
      if (path === '/api/v1/live') return !prose.includes(`WS ${written}`);
      if (/\/(users|tokens|seats)$/.test(path) && method === 'GET') return !prose.includes(`${written}\``);
      return !new RegExp(`${method} ${escaped(written)}[\`?]`).test(prose);
    });
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

describe('reasons of refusal', () => {
  it('devices.md has a row for every code, and no other code', () => {
    const text = read('docs/devices.md');
    const table = text.slice(text.indexOf('## Reasons of refusal'), text.indexOf('## MQTT 5 reason codes'));
    const codes = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]!);
    expect(codes.sort()).toEqual([...REJECTION_CODES].sort());
  });
});

describe('examples of devices.md', () => {
  const text = read('docs/devices.md');
  const blocks = markedBlocks(text);
  const declared = blocks.find((block) => block.mark === 'declarations')!;
  const context = contextOfDeclarations(z.array(declarationSchema).parse(JSON.parse(declared.body)));
  const examples = blocks.filter((block) => block.mark !== 'declarations');
  // A minute after the instants in the examples.
  const receivedAt = Date.UTC(2026, 10, 22, 8, 1);

  it('every block of JSON or hex below a format carries a mark, and every MQTT format has a good and a refused one', () => {
    const formats = text.slice(text.indexOf('## Jingwei JSON'), text.indexOf('## OpenTrafficCam'));
    expect(markedBlocks(formats).length).toBe([...formats.matchAll(/^```(json|hex)$/gm)].length);
    const sources = Object.values<Source>(SOURCES).filter((source) => source.topics.length > 0);
    for (const { id } of sources) {
      expect(examples.some(({ mark }) => mark.startsWith(`decodes: ${id} `))).toBe(true);
      expect(examples.some(({ mark }) => mark.includes(`source=${id} `))).toBe(true);
    }
  });

  it.each(examples.map((block) => [block.mark, block] as const))('%s', (mark, { language, body }) => {
    const words = wordsOf(mark);
    const wanted = /^(decodes|refused): (\S+)/.exec(mark)!;
    const sourceId = wanted[1] === 'decodes' ? wanted[2]! : words.get('source')!;
    const source = Object.values<Source>(SOURCES).find((one) => one.id === sourceId)!;
    const topic = words.get('topic')!;
    const levels = topic.split('/');
    const principal = words.get('principal') ?? (levels[0] === 'things' ? levels[1]! : levels[0]!);
    const bytes = language === 'hex' ? Buffer.from(body.replace(/\s/g, ''), 'hex') : Buffer.from(body);
    const outcomes = source.decode(
      {
        sourceId,
        origin: { transport: 'mqtt', principal, clientId: principal, topic, qos: 1, packetId: 1, dup: false },
        receivedAt,
        bytes,
      },
      context,
    );
    const items = outcomes.flatMap((outcome) => outcome.items);
    const rejections = outcomes.flatMap((outcome) => outcome.rejections);
    if (wanted[1] === 'decodes') {
      expect(rejections).toEqual([]);
      expect(items).toHaveLength(Number(words.get('items')));
    } else {
      expect(items).toEqual([]);
      expect(rejections.map((rejection) => rejection.code)).toEqual([wanted[2]]);
    }
  });
});

describe('examples of records.md', () => {
  it('the dataset and the mapping are declarations', () => {
    const yaml = [...read('docs/records.md').matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
      (match) => match[1]!,
    );
    const declarations = yaml.flatMap((block) => z.array(declarationSchema).parse(parse(block)));
    expect(declarations.map((declaration) => declaration.kind)).toEqual(['dataset', 'mapping']);
  });
});

describe('metrics of a running server', () => {
  let server: Server;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'jingwei-docs-'));
    const config = configOf({
      dataDir: folder,
      adminPassword: 'a password for this test',
      http: { port: 0 },
      mqtt: { port: 0 },
      rtmp: { port: 0 },
    });
    server = await startServer(config, { log: createLog('silent'), announce: () => undefined });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('operations.md names every metric that a scrape gives, and no other', async () => {
    // Rejections are counted by code: the metric appears with its first one.
    await server.services.doors.accept({
      sourceId: 'jingwei-json',
      origin: { transport: 'http', principal: 'nobody', requestId: 'docs', contentType: '' },
      receivedAt: Date.now(),
      bytes: Buffer.from('{'),
    });
    // A consumer's place is told of those that there are.
    await server.services.doors.registerConsumer('docs');
    const scrape = async () => (await server.services.metrics.scrape(server.services)).text;
    // The video process tells its own figures a moment after its start.
    const text = await vi.waitFor(
      async () => {
        const scraped = await scrape();
        expect(scraped).toContain('jingwei_video_resident_bytes');
        return scraped;
      },
      { timeout: 25_000, interval: 250 },
    );
    const scraped = [...text.matchAll(/^# HELP (\S+)/gm)].map((match) => match[1]!);
    const guide = read('docs/operations.md');
    const named = new Set([...guide.matchAll(/`(jingwei_[a-z0-9_]+)/g)].map((match) => match[1]!));
    named.delete('jingwei_session'); // the cookie
    expect([...named].sort()).toEqual([...new Set(scraped)].sort());
  });
});

describe('links', () => {
  it.each(markdownFiles())('every relative link of %s leads somewhere', (file) => {
    const broken = linksOf(file, read(file)).filter(({ target, anchor }) => {
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== '' && target.endsWith('.md') && !anchorsOf(read(target)).has(anchor);
    });
    expect(broken.map((link) => link.text)).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  /** The parts of the Compose Specification that the file uses: an unknown key is a slip of the pen. */
  const port = z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'must be published on loopback');
  const compose = z.strictObject({
    services: z.strictObject({
      jingwei: z.strictObject({
        build: z.literal('.'),
        image: z.string(),
        restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
        stop_grace_period: z.string().regex(/^\d+s$/),
        environment: z.record(z.string(), z.string()),
        ports: z.array(port),
        volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w/-]+$/)),
        mem_limit: z.string().regex(/^\d+[bkmg]$/),
      }),
    }),
    volumes: z.record(z.string(), z.null()),
  });

  it('has one service, its ports on loopback, its data in a volume', () => {
    const { services, volumes } = compose.parse(parse(read('docker-compose.yml')));
    const { jingwei } = services;
    const { http, mqtt, rtmp } = configOf({});
    expect(jingwei.ports.map((text) => Number(text.split(':')[2]))).toEqual([
      http.port,
      mqtt.port,
      rtmp.port,
    ]);
    const [named, inbox] = jingwei.volumes.map((text) => text.split(':'));
    expect(named).toEqual([Object.keys(volumes)[0], '/data']);
    expect(inbox?.[1]).toBe('/data/inbox');
    const known = new Set(loadConfig({}).settings.map((setting) => setting.env));
    expect(Object.keys(jingwei.environment).filter((name) => !known.has(name))).toEqual([]);
    expect(read('Dockerfile')).toContain('JINGWEI_DATA_DIR=/data');
  });
});

describe('words', () => {
  it.each(markdownFiles().filter((file) => file.startsWith('docs/') || !file.includes('/')))(
    '%s names no folder of a developer’s machine',
    (file) => {
      expect(read(file)).not.toMatch(/\/(work|home|Users|tmp)\//);
    },
  );
});

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
