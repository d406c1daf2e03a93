import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { columnsToShow, decodeText, sampleTable } from './table-sample.ts';

const bytes = (text: string, encoding = 'utf8', mark = false) =>
  new Uint8Array(iconv.encode(text, encoding, { addBOM: mark }));
const TABLE = '名称,经度,备注\r\n"学校, ""一""",104.6,\r\n\r\n医院,104.7,"两\n行"\r\n';
const ROWS = [
  ['学校, "一"', '104.6', ''],
  ['医院', '104.7', '两\n行'],
];

describe('sampleTable', () => {
  it.each([
    ['utf8', false],
    ['utf8', true],
    ['gb18030', false],
    ['utf-16le', true],
    ['utf-16be', true],
  ] as const)('reads %s, with a mark: %s', (encoding, mark) => {
    const sample = sampleTable(bytes(TABLE, encoding, mark), { whole: true, rows: 5 });
    expect(sample).toEqual({ header: ['名称', '经度', '备注'], rows: ROWS });
  });

  it.each([',', '\t', ';', '|'])('finds out the delimiter "%s"', (delimiter) => {
    const text = `"a,;x"${delimiter}b${delimiter}c\n1${delimiter}2${delimiter}3`;
    const sample = sampleTable(bytes(text), { whole: true, rows: 1 });
    expect(sample).toEqual({ header: ['a,;x', 'b', 'c'], rows: [['1', '2', '3']] });
  });

  it('leaves out the row that the bytes cut, wherever they cut it', () => {
    const all = bytes(TABLE, 'gb18030');
    for (let length = 0; length < all.length; length += 1) {
      const { header, rows } = sampleTable(all.subarray(0, length), {
        encoding: 'gb18030',
        delimiter: ',',
        whole: false,
        rows: 5,
      });
      expect([[], ['名称', '经度', '备注']]).toContainEqual([...header]);
      expect(ROWS.slice(0, rows.length)).toEqual(rows);
    }
  });

  it('takes the last row of a whole file without a line end', () => {
    expect(sampleTable(bytes('a,b\n1,'), { whole: true, rows: 5 }).rows).toEqual([['1', '']]);
  });
});

describe('decodeText', () => {
  it('takes UTF-8 that ends within a character for UTF-8', () => {
    const whole = bytes('经纬');
    expect(decodeText(whole.subarray(0, 5))).toBe('经');
  });
});

describe('columnsToShow', () => {
  it('shows a narrow table whole, and marks what was added', () => {
    expect(columnsToShow(['a', 'b', 'h3_9'], ['a', 'b'], ['h3_9'])).toEqual([
      { index: 0, added: false, gap: false },
      { index: 1, added: false, gap: false },
      { index: 2, added: true, gap: false },
    ]);
  });

  it('leaves out columns that were not read where there are many', () => {
    const header = [...'abcdefghijklmn', 'h3_9', 'code_error'];
    const shown = columnsToShow(header, ['e', 'f'], ['h3_9', 'code_error']);
    expect(shown.map(({ index, gap }) => (gap ? '…' : header[index]))).toEqual([
      'a',
      'b',
      '…',
      'e',
      'f',
      '…',
      'h3_9',
      'code_error',
    ]);
  });
});
