/**
 * The coding service over HTTP: a million rows as NDJSON and as Arrow through the real routes, and how long the main thread was held up
 * meanwhile; and files by format without a server. The client has a thread of its own. Estimate before measuring: NDJSON 300,000
 * rows a second (parse, code and write a line cost 3 us), Arrow 1,500,000, CSV 300,000, XLSX 15,000 (its reader and its writer).
 * `node --import tsx bench/services-coding.bench.ts [rows]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import writeXlsxFile from 'write-excel-file/node';
import { codeFile, encodePlan, formatOf } from '../services/coding/index.ts';
import { startTestServer } from '../services/http/test-server.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 3;
const FORMS = [
  ['ndjson', 'application/x-ndjson'],
  ['arrow', 'application/vnd.apache.arrow.stream'],
] as const;
const QUERIES = ['dggrs=beidou2d&level=10', 'dggrs=h3&level=9', 'dggrs=beidou3d&level=10'];

/** Makes the body before the clock starts, sends it, reads the answer. */
const CLIENT = `
const { workerData, parentPort } = require('node:worker_threads');
const { request } = require('node:http');
const { url, token, rows } = workerData;
const lon = (i) => 104 + i * 1e-6, lat = (i) => 35 + i * 1e-7;
const bodies = {
  ndjson() {
    const blocks = [];
    for (let from = 0; from < rows; from += 10000) {
      let text = '';
      for (let i = from; i < Math.min(rows, from + 10000); i++)
        text += '{"name":"device ' + i + '","lon":' + lon(i).toFixed(6) + ',"lat":' + lat(i).toFixed(7) + ',"height":1900}\\n';
      blocks.push(Buffer.from(text));
    }
    return blocks;
  },
  arrow() {
    const { RecordBatchStreamWriter, tableFromArrays } = require('apache-arrow');
    const table = tableFromArrays({ lon: Float64Array.from({ length: rows }, (_, i) => lon(i)), lat: Float64Array.from({ length: rows }, (_, i) => lat(i)), height: new Float64Array(rows).fill(1900) });
    const writer = new RecordBatchStreamWriter();
    for (let i = 0; i < rows; i += 50000) for (const batch of table.slice(i, i + 50000).batches) writer.write(batch);
    writer.finish();
    const bytes = Buffer.from(writer.toUint8Array(true)), blocks = [];
    for (let i = 0; i < bytes.length; i += 1 << 20) blocks.push(bytes.subarray(i, i + (1 << 20)));
    return blocks;
  },
};
parentPort.on('message', async ({ form, type, query }) => {
  const blocks = bodies[form]();
  parentPort.postMessage('go');
  const began = performance.now();
  const outgoing = request(url + '/api/v1/coding/encode?' + query, { method: 'POST', headers: { authorization: 'Bearer ' + token, 'content-type': type } }, (answer) => {
    answer.resume();
    answer.on('end', () => parentPort.postMessage({ ms: performance.now() - began, rows: answer.trailers['jingwei-rows'] }));
  });
  for (const block of blocks) if (!outgoing.write(block)) await new Promise((drained) => outgoing.once('drain', drained));
  outgoing.end();
});`;

const figures = new Map<string, { rate: number; delayMs: number }[]>();
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const tell = (what: string, rates: readonly number[], more = '') =>
  console.log(
    `${what.padEnd(34)} ${Math.round(median(rates)).toLocaleString('en')} rows/s (${Math.round(Math.min(...rates)).toLocaleString('en')} .. ${Math.round(Math.max(...rates)).toLocaleString('en')})${more}`,
  );

console.log(
  `${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString()}`,
);
await streams();
await files();

async function streams(): Promise<void> {
  const server = await startTestServer({ maxDeliveryBytes: 4e9 });
  const workerData = { url: server.url, token: await server.tokenOf('analyst'), rows: ROWS };
  const client = new Worker(CLIENT, { eval: true, workerData });
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const query of QUERIES)
      for (const [form, type] of FORMS) {
        const figure = await stream(client, { form, type, query });
        // The first round warms up.
        const name = `${form} ${query}`;
        if (round > 0) figures.set(name, [...(figures.get(name) ?? []), figure]);
      }
  for (const [name, values] of figures)
    tell(
      name,
      values.map((one) => one.rate),
      `, main thread held up at most ${Math.max(...values.map((one) => one.delayMs)).toFixed(0)} ms`,
    );
  await client.terminate();
  await server.close();
}

function stream(client: Worker, job: object): Promise<{ rate: number; delayMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  return new Promise((resolve, reject) => {
    const onMessage = (message: 'go' | { ms: number; rows: string }) => {
      if (message === 'go') {
        delay.enable();
        return;
      }
      delay.disable();
      client.off('message', onMessage);
      if (Number(message.rows) === ROWS)
        resolve({ rate: (ROWS / message.ms) * 1000, delayMs: delay.max / 1e6 });
      else reject(new Error(`${message.rows} rows came back of ${ROWS}`));
    };
    client.on('message', onMessage);
    client.postMessage(job);
  });
}

async function files(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-'));
  const rows = Math.floor(ROWS / 2);
  const few = Math.floor(ROWS / 20);
  const place = (i: number) => [104 + i * 1e-6, 35 + i * 1e-7] as const;
  const list = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));
  const csv = list(
    rows,
    (i) => `${i},设备${i},${place(i)[0].toFixed(6)},${place(i)[1].toFixed(7)},定西市\n`,
  ).join('');
  writeFileSync(join(folder, 'a.csv'), `编号,名称,经度,纬度,备注\n${csv}`);
  const feature = (i: number) =>
    `{"type":"Feature","properties":{"id":${i}},"geometry":{"type":"Point","coordinates":[${place(i)}]}}`;
  writeFileSync(
    join(folder, 'b.geojson'),
    `{"type":"FeatureCollection","features":[${list(few, feature).join(',')}]}`,
  );
  const cells = (...row: (string | number)[]) =>
    row.map((value) => (typeof value === 'string' ? { value, type: String } : { value, type: Number }));
  await writeXlsxFile([
    cells('名称', '经度', '纬度'),
    ...list(few, (i) => cells(`设备${i}`, ...place(i))),
  ]).toFile(join(folder, 'c.xlsx'));
  for (const [name, count] of [
    ['a.csv', rows],
    ['b.geojson', few],
    ['c.xlsx', few],
  ] as const) {
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      const plan = encodePlan({ codes: ['beidou2d:10'] });
      const summary = await codeFile(join(folder, name), join(folder, `out-${name}`), {
        direction: 'encode',
        format: formatOf(name),
        plan,
      });
      if (summary.rows !== count || summary.refused > 0)
        throw new Error(`${name}: ${summary.rows} rows of ${count}`);
      rates.push((count / (performance.now() - began)) * 1000);
    }
    tell(`${name} beidou2d:10`, rates);
  }
  rmSync(folder, { recursive: true, force: true });
}
