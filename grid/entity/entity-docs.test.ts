import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CityEntity } from './city-entity.ts';
import { encodeEntity } from './encode-entity.ts';
import { ENTITY_CLASS_VERSION, ENTITY_CLASSES } from './entity-class.ts';

const GUIDE = readFileSync(new URL('../../docs/entities.md', import.meta.url), 'utf8');

describe('docs/entities.md', () => {
  const examples = [...GUIDE.matchAll(/```json\n([\s\S]*?)```\n[\s\S]*?```text\n([\s\S]*?)```/g)];

  it.each(examples.map(([, json, texts]) => [(JSON.parse(json!) as CityEntity).id, json!, texts!]))(
    'encodeEntity gives %s the codes the guide shows',
    (_id, json, texts) => {
      const code = encodeEntity(JSON.parse(json) as CityEntity);
      expect([code.text, ...code.parts.map(({ text }) => text)]).toEqual(texts.trim().split('\n'));
    },
  );

  it('shows all its examples with their codes, and the class table of the code', () => {
    expect(examples.length).toBe(5);
    expect(GUIDE.match(/```json/g)?.length).toBe(5);
    const rows = ENTITY_CLASSES.map((row) => {
      const main = 'gb13923' in row ? row.gb13923 : '';
      return `| \`${row.code}\` | ${row.nameEn} | ${row.nameZh} | ${row.layer} | ${main} |`;
    });
    expect(GUIDE.trimEnd().endsWith(rows.join('\n'))).toBe(true);
    expect(GUIDE).toContain(ENTITY_CLASS_VERSION);
  });
});
