import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvSplitter, type SplitStep } from './split-csv.ts';
import { ElementSplitter, LineSplitter } from './split-json.ts';

interface Splitter {
  push(block: Buffer): SplitStep;
  end(): SplitStep;
}

/** Feeds `text` in blocks of the given sizes; texts of all records, and the message when broken. */
function run(splitter: Splitter, text: string, sizes: readonly number[] = [1 << 20]) {
  const bytes = Buffer.from(text);
  const records: string[] = [];
  let broken: string | undefined;
  for (let at = 0, turn = 0; at < bytes.length && broken === undefined; turn++) {
    const size = sizes[turn % sizes.length]!;
    const step = splitter.push(bytes.subarray(at, at + size));
    records.push(...step.records.map((record) => record.toString()));
    broken = step.broken?.message;
    at += size;
  }
  if (broken === undefined) {
    const step = splitter.end();
    records.push(...step.records.map((record) => record.toString()));
    broken = step.broken?.message;
  }
  return { records, broken };
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const csv = (delimiter = ',') => new CsvSplitter(Buffer.from(delimiter));

describe('CsvSplitter', () => {
  const cell = fc.oneof(
    fc.stringMatching(/^[a-z 中]{0,6}$/),
    fc.stringMatching(/^[a-z",\n\r中]{0,6}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
  );
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });

  it('CsvSplitter finds the records that a CSV parser finds, however the bytes are cut into blocks', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        sizes,
        (rows, lineEnd, ended, blocks) => {
          const text = rows.map((row) => row.join(',')).join(lineEnd) + (ended ? lineEnd : '');
          const judge = parse(text, { relax_column_count: true, record_delimiter: lineEnd }) as string[][];
          const { records, broken } = run(csv(), text, blocks);
          expect(broken).toBeUndefined();
          expect(records.join('')).toBe(text);
          expect(records.map((record) => parse(record, { record_delimiter: lineEnd })[0])).toEqual(judge);
        },
      ),
    );
  });

  it.each([
    ['line ends of old Macintosh files', 'a,b\r1,2\r3,4', ['a,b\r', '1,2\r', '3,4']],
    ['empty lines, which are no records', 'a,b\n\n1,2\r\n\r\n', ['a,b\n', '1,2\r\n']],
    ['a quote inside an unquoted cell', 'a,b\n5" pipe,""x\n1,2\n', ['a,b\n', '5" pipe,""x\n', '1,2\n']],
  ])('CsvSplitter takes %s', (_name, text, expected) => {
    expect(run(csv(), text, [3]).records).toEqual(expected);
  });

  it('CsvSplitter gets over a quote that never closes: its line stands alone', () => {
    const { records, broken } = run(csv(), 'a,b\n1,"open\n2,3\n4,5\n');
    expect(records).toEqual(['a,b\n', '1,"open\n', '2,3\n', '4,5\n']);
    expect(broken).toBeUndefined();
  });

  it('CsvSplitter gives up after a hundred lost quotes and says so', () => {
    const lost = (count: number) => {
      const splitter = new CsvSplitter(Buffer.from(','), 50);
      return run(splitter, `a,b\n${`1,"open\n${'x\n'.repeat(30)}\n`.repeat(count)}`, [20]);
    };
    expect(lost(100)).toMatchObject({ broken: undefined, records: { length: 3101 } });
    expect(lost(101).broken).toMatch(/More than 100 records open a quote/);
    const long = run(csv(), `a\n${'x'.repeat(3 * 1024 * 1024)}`);
    expect(long.broken).toMatch(/longer than 1048576 bytes/);
  });

  it('CsvSplitter knows a delimiter of several bytes', () => {
    expect(run(csv('，'), 'a，"b\nc"，d\n1，2，3\n').records).toHaveLength(2);
  });
});

describe('ElementSplitter', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const spaced = (json: unknown, indent: number) => JSON.stringify(json, null, indent);

  it('ElementSplitter finds the elements of any array, however the bytes are cut into blocks', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 5 }),
        fc.integer({ min: 0, max: 2 }),
        sizes,
        (list, indent, blocks) => {
          const { records, broken } = run(new ElementSplitter(), ` ${spaced(list, indent)}\n`, blocks);
          expect(broken).toBeUndefined();
          expect(records.map((record) => JSON.parse(record))).toEqual(JSON.parse(JSON.stringify(list)));
        },
      ),
    );
  });

  it('ElementSplitter finds the features of a collection among whatever members stand around them', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('type', 'crs', 'name', 'Features', 'bbox'), value),
        value,
        sizes,
        (features, members, nested, blocks) => {
          const document = {
            ...members,
            nested: { features: [nested] },
            list: ['features', [nested]],
            features,
            z: 1,
          };
          const { records, broken } = run(new ElementSplitter('features'), JSON.stringify(document), blocks);
          expect(broken).toBeUndefined();
          expect(records.map((record) => JSON.parse(record))).toEqual(JSON.parse(JSON.stringify(features)));
        },
      ),
    );
  });

  it.each([
    ['features', '{"type":"Feature"}', /holds no array "features"/],
    ['features', '{"features":"features","x":[1]}', /holds no array "features"/],
    ['features', '{"features":[1,2', /ends inside an array "features"/],
    ['features', '[1]', /not an object/],
    [undefined, '{"a":[1]}', /not an array/],
    [undefined, '[1,{"a":2', /ends inside an array/],
    [undefined, '[1,2}', /closes that never opened/],
    [undefined, 'nonsense', /not JSON/],
    [undefined, '', /holds no array/],
  ])('ElementSplitter with member %s says what is wrong with %s', (member, text, message) => {
    expect(run(new ElementSplitter(member), text).broken).toMatch(message);
  });
});

describe('LineSplitter', () => {
  it('LineSplitter gives the lines that hold something, the last one too', () => {
    expect(run(new LineSplitter(), '{"a":1}\r\n\n {"b":2}\n3', [2]).records).toEqual([
      '{"a":1}',
      '{"b":2}',
      '3',
    ]);
  });
});
