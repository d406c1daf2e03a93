import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { declarationSchema } from '../../../ingest/model/index.ts';
import { mappings } from '../mappings.ts';
import { csv } from './csv.ts';
import { featureFiles } from './features.ts';
import { casesOpened, HOTLINE_COLUMNS, hotlineDelivery, LONGEST_CASE_MS } from './hotline.ts';

const SEED = 621100;
const NOON = Date.UTC(2026, 10, 22, 4);

function table(text: string): Record<string, string>[] {
  return parse(text, { columns: true, bom: true });
}

describe('records', () => {
  it('csv: any text survives an independent reader', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '路', '"', ',', '\r\n', ' ') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        expect(parse(csv([['x', 'y'], ...rows]), { relax_column_count: false }).slice(1)).toEqual(rows);
      }),
    );
  });

  it('featureFiles: CSV in UTF-8 and GB 18030 and GeoJSON, with keys, columns of the mapping and the stated dirty rows', () => {
    const files = new Map(featureFiles(SEED).map((file) => [file.name, file]));
    const schools = table(Buffer.from(files.get('schools-2026.csv')!.bytes).toString('utf8'));
    const hospitals = table(iconv.decode(Buffer.from(files.get('hospitals-2026.csv')!.bytes), 'gb18030'));
    expect(schools.length).toBe(96);
    expect(hospitals.length).toBe(42);
    expect(new Set(schools.map((row) => row.学校代码)).size).toBe(96);
    expect(new Set(hospitals.map((row) => row.机构代码)).size).toBe(42);
    const clean = (row: Record<string, string>) => Number(row.经度) > 103 && Number(row.经度) < 106;
    expect(schools.filter((row) => !clean(row)).length).toBe(files.get('schools-2026.csv')!.dirtyRows);
    expect(hospitals.filter((row) => !clean(row)).length).toBe(files.get('hospitals-2026.csv')!.dirtyRows);
    expect(hospitals[0]?.机构名称).toBe('安定区人民医院');
    const enterprises = JSON.parse(
      Buffer.from(files.get('enterprises-2026.geojson')!.bytes).toString('utf8'),
    );
    expect(enterprises.features.length).toBe(180);
    const codes = enterprises.features.map((one: { properties: { code: string } }) => one.properties.code);
    expect(new Set(codes).size).toBe(180);
    const columns = { 'demo-schools': schools[0]!, 'demo-hospitals': hospitals[0]! };
    for (const declaration of mappings()) {
      const parsed = declarationSchema.parse(declaration);
      if (parsed.kind !== 'mapping') continue;
      const sample = columns[parsed.body.id as keyof typeof columns] ?? enterprises.features[0].properties;
      const { features } = parsed.body;
      if (features === undefined) continue;
      for (const column of [...features.key, features.name!, ...features.attributes]) {
        expect(Object.keys(sample), parsed.body.id).toContain(column);
      }
    }
  });

  it('hotlineDelivery: deliveries tile time, and every case is opened, taken up and closed in order', () => {
    const from = NOON;
    const to = NOON + 4 * 3_600_000;
    const rows: Record<string, string>[] = [];
    for (let start = from; start < to; start += 120_000) {
      const text = hotlineDelivery(SEED, start, start + 120_000);
      if (text !== undefined) rows.push(...table(text));
    }
    expect(Object.keys(rows[0]!)).toEqual([...HOTLINE_COLUMNS]);
    const byCase = new Map<string, Record<string, string>[]>();
    for (const row of rows) byCase.set(row.工单编号!, [...(byCase.get(row.工单编号!) ?? []), row]);
    const whole = casesOpened(SEED, from, to - LONGEST_CASE_MS);
    expect(whole.length).toBeGreaterThan(50);
    expect(new Set(whole.map(({ number }) => number)).size).toBe(whole.length);
    for (const one of whole) {
      const versions = byCase.get(one.number)!;
      const states = versions.map((row) => row.状态);
      expect(states.at(-1), one.number).toBe('已办结');
      expect(['待办,办理中,已办结', '办理中,已办结']).toContain(states.join());
      const updates = versions.map((row) => Date.parse(`${row.更新时间!.replace(' ', 'T')}+08:00`));
      expect(updates).toEqual(updates.toSorted((a, b) => a - b));
      expect(versions.at(-1)?.办结时间).toBe(versions.at(-1)?.更新时间);
      expect(Date.parse(`${versions[0]!.受理时间!.replace(' ', 'T')}+08:00`)).toBe(one.opened);
    }
    expect(rows.some((row) => row.经度 === '')).toBe(true);
  });

  it('casesOpened: storms bring cases of their own', () => {
    const wet = casesOpened(SEED, NOON, NOON + 3 * 3_600_000).filter(({ category }) =>
      ['道路积水', '停电', '树木倒伏', '房屋漏雨', '河道水位'].includes(category),
    );
    expect(wet.length).toBeGreaterThan(20);
  });
});
