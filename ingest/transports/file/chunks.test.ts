import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../journal/journal-fixtures.ts';
import { mappingSchema, type TableMapping } from '../../model/index.ts';
import { chunksOf, type FileChunk } from './chunks.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

function mapping(format: TableMapping['format'], more: object = {}): TableMapping {
  return mappingSchema.parse({
    id: 'm',
    dataset: 'd',
    format,
    features: { key: ['id'], featureType: 'school' },
    ...more,
  });
}

async function chunks(content: string | Buffer, by: TableMapping): Promise<FileChunk[]> {
  const path = join(dir, 'file');
  await writeFile(path, content);
  const all: FileChunk[] = [];
  for await (const chunk of chunksOf(path, by)) all.push(chunk);
  return all;
}

const shape = (all: readonly FileChunk[]) =>
  all.map((chunk) => [chunk.firstRow, chunk.kind === 'rows' ? chunk.rows : chunk.message]);
const rowsOf = (chunk: FileChunk) =>
  chunk.kind === 'rows' && !('fault' in chunk.reading) ? chunk.reading.rows : [];

describe('chunksOf', () => {
  it('chunksOf gives CSV chunks of the header and at most 500 rows, bytes as they came', async () => {
    const rows = Array.from({ length: 1001 }, (_, i) => `${i},"名 ""${i}"""\r\n`);
    const all = await chunks(`\ufeffid,name\r\n${rows.join('')}`, mapping('csv'));
    expect(shape(all)).toEqual([
      [1, 500],
      [501, 500],
      [1001, 1],
    ]);
    expect(all[1]!.bytes.toString()).toBe(`id,name\r\n${rows.slice(500, 1000).join('')}`);
    expect(all.flatMap(rowsOf)).toHaveLength(1001);
  });

  it('chunksOf keeps the bytes of another encoding, and cuts by size', async () => {
    const line = `1,${'定西'.repeat(10_000)}\n`;
    const bytes = iconv.encode(`id,名称\n${line.repeat(20)}`, 'gb18030');
    const all = await chunks(bytes, mapping('csv', { encoding: 'gb18030' }));
    const size = iconv.encode(line, 'gb18030').length;
    expect(shape(all)).toEqual([
      [1, Math.floor((256 * 1024) / size)],
      [7, Math.floor((256 * 1024) / size)],
      [13, Math.floor((256 * 1024) / size)],
      [19, 2],
    ]);
    const header = iconv.encode('id,名称\n', 'gb18030');
    const together = all.map((chunk, i) => (i === 0 ? chunk.bytes : chunk.bytes.subarray(header.length)));
    expect(Buffer.concat(together).equals(bytes)).toBe(true);
  });

  it.each([
    ['\r\n', '1,a\r\n2,b'],
    ['\n', '1,a\n2,b'],
    ['\r', '1,a\r2,b'],
    ['\r\n', '1,a\n2,b\r\n'],
    ['\n', '1,a\r\n2,b\n'],
  ])('chunksOf lets no line end into a cell: header %j, rows %j', async (lineEnd, rows) => {
    const all = await chunks(`id,name${lineEnd}${rows}`, mapping('csv'));
    const cells = all
      .flatMap(rowsOf)
      .map((row) => ('fault' in row ? row.fault : [...row.cells.values()].sort()));
    expect(cells).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
    expect(shape(all)).toEqual([[1, 2]]);
  });

  it('chunksOf sets a row that cannot be read apart from the others of its chunk', async () => {
    const all = await chunks('id,name\n1,a\n2,b"c\n3,d\n', mapping('csv'));
    expect(shape(all)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(all.map((chunk) => rowsOf(chunk).length)).toEqual([1, 0, 1]);
    const invalid = Buffer.concat([
      Buffer.from('id,name\n1,a\n2,'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\n3,c\n'),
    ]);
    expect((await chunks(invalid, mapping('csv'))).map((chunk) => rowsOf(chunk).length)).toEqual([1, 0, 1]);
  });

  it('chunksOf gives chunks of 200 GeoJSON features, each a collection of its own', async () => {
    const feature = (id: number) => ({ type: 'Feature', properties: { id }, geometry: null });
    const document = {
      type: 'FeatureCollection',
      crs: { a: [1] },
      features: Array.from({ length: 450 }, (_, i) => feature(i)),
    };
    const all = await chunks(JSON.stringify(document, null, 1), mapping('geojson'));
    expect(shape(all)).toEqual([
      [1, 200],
      [201, 200],
      [401, 50],
    ]);
    const ids = all.flatMap((chunk) =>
      (JSON.parse(chunk.bytes.toString()) as typeof document).features.map((one) => one.properties.id),
    );
    expect(ids).toEqual(Array.from({ length: 450 }, (_, i) => i));
  });

  it('chunksOf takes arrays and lines of JSON, a broken one apart, and says where a file breaks off', async () => {
    const list = await chunks('[{"id":1},\n{"id":2,\n"x":tru},\n{"id":3}]', mapping('json-array'));
    expect(list.map((chunk) => rowsOf(chunk).length)).toEqual([1, 1, 1]);
    expect(list.map((chunk) => rowsOf(chunk).filter((row) => 'fault' in row).length)).toEqual([0, 1, 0]);
    const lines = await chunks('{"id":1}\n\n{"id":2}\nnonsense\n', mapping('ndjson'));
    expect(shape(lines)).toEqual([[1, 3]]);
    const cut = await chunks('{"features":[{"id":1},{"id":2},{"id"', mapping('geojson'));
    expect(shape(cut)).toEqual([
      [1, 2],
      [3, 'File cannot be read on from row 3: The document ends inside an array "features"'],
    ]);
  });

  it.each([
    ['csv', ''],
    ['csv', 'id,name\n'],
    ['ndjson', '\n\n'],
    ['json-array', '[]'],
  ] as const)('chunksOf makes one broken chunk of a %s file without a row: %j', async (format, content) => {
    const all = await chunks(content, mapping(format));
    expect(all.map((chunk) => chunk.kind)).toEqual(['broken']);
  });
});
