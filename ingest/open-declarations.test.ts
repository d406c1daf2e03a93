import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isIngestError } from './ingest-error.ts';
import { matchFile, readDeclarationFile } from './open-declarations.ts';
import { declarationProblems } from './quality/declaration-problems.ts';
import { SOURCES } from './registry.ts';
import { contextOfDeclarations } from './sources/example-context.ts';

const folder = new URL('../examples/open-data/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('readDeclarationFile', () => {
  it.each(files)('readDeclarationFile takes examples/open-data/%s, and nothing in it is wrong', (name) => {
    const { declarations, door } = readDeclarationFile(readFileSync(new URL(name, folder), 'utf8'));
    const context = contextOfDeclarations(declarations);
    for (const declaration of declarations) {
      expect(declarationProblems(declaration, context)).toEqual([]);
      if (declaration.kind === 'thing' || declaration.kind === 'mapping') {
        expect(context.dataset(declaration.body.dataset), declaration.body.id).toBeDefined();
      }
    }
    if (door.kind === 'file') {
      for (const { mapping } of door.deliveries) expect(context.mapping(mapping), mapping).toBeDefined();
    } else if (door.kind === 'message') {
      for (const { source } of door.messages) expect(Object.keys(SOURCES)).toContain(source);
    } else {
      for (const thing of Object.values(door.things)) expect(context.thing(thing), thing).toBeDefined();
    }
  });

  it('readDeclarationFile says where a file is wrong', () => {
    for (const bad of ['{', 'door: {}', 'declarations: []\ndoor: { kind: file, deliveries: [] }', '- 1']) {
      try {
        readDeclarationFile(bad);
        expect.unreachable();
      } catch (error) {
        expect(isIngestError(error, 'declaration-invalid'), bad).toBe(true);
      }
    }
  });

  it('matchFile takes globs with stars only', () => {
    const entries = [{ match: 'a*.csv' }, { match: '*' }];
    expect(matchFile(entries, 'abc.csv')?.match).toBe('a*.csv');
    expect(matchFile(entries, 'abcxcsv')?.match).toBe('*');
    expect(matchFile([{ match: 'x(1)?.csv' }], 'x(1)?.csv')).toBeDefined();
    expect(matchFile([{ match: 'x.csv' }], 'yx.csv')).toBeUndefined();
  });
});
