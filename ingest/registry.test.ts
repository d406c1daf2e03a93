import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Source } from './model/index.ts';
import { SOURCES, sourceForTopic } from './registry.ts';
import { sourceContract } from './source.contract.ts';

for (const [id, source] of Object.entries<Source>(SOURCES)) sourceContract(id, source);

describe('registry', () => {
  it('sourceForTopic finds the source of a topic and none for others', () => {
    expect(sourceForTopic('things/air-1/observations')?.id).toBe('jingwei-json');
    for (const topic of ['things/air-1', 'things/air-1/observations/x', '$SYS/observations', 'things//x', ''])
      expect(sourceForTopic(topic), topic).toBeUndefined();
  });

  it('SOURCES holds every source file of the folder', () => {
    const folder = new URL('./sources/', import.meta.url);
    const defined = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .filter((name) => /= defineSource\(/.test(readFileSync(new URL(name, folder), 'utf8')))
      .map((name) => name.slice(0, -3));
    expect(Object.keys(SOURCES).sort()).toEqual(defined.sort());
  });
});
