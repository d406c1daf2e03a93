import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDeclarations, changedDeclarations, NOTHING_DECLARED } from './declarations.ts';
import { checkDeclarations, parseDeclarations } from './declarations-check.ts';
import { DeclarationHistory } from './declarations-history.ts';
import type { Declaration, DeclarationInput } from './model/index.ts';

const base = {
  titleEn: 'Air',
  titleZh: '空气',
  publisherEn: 'Office',
  publisherZh: '局',
  licence: 'CC0-1.0',
  periodMs: 60_000,
};

function declare(...inputs: DeclarationInput[]): readonly Declaration[] {
  return parseDeclarations(inputs);
}
const dataset = (id: string, rest: object = {}): DeclarationInput => ({
  kind: 'dataset',
  body: { id, ...base, ...rest },
});
const thing = (id: string, rest: object = {}): DeclarationInput => ({
  kind: 'thing',
  body: { id, dataset: 'air', nameEn: id, nameZh: id, category: 'air-station', ...rest },
});
const mapping = (id: string, rest: object = {}): DeclarationInput => ({
  kind: 'mapping',
  body: {
    id,
    dataset: 'air',
    format: 'csv',
    features: { key: ['id'], featureType: 'school' },
    ...rest,
  },
});
const remove = (kind: 'dataset' | 'thing' | 'mapping', id: string): DeclarationInput => ({
  kind: 'remove',
  body: { kind, id },
});

describe('applyDeclarations', () => {
  it('applyDeclarations leaves the state before it as it was', () => {
    const one = applyDeclarations(NOTHING_DECLARED, declare(dataset('air'), thing('a')));
    const two = applyDeclarations(one, declare(remove('thing', 'a'), thing('b')));
    expect([one.thing('a')?.id, one.thing('b')?.id, one.size]).toEqual(['a', undefined, 2]);
    expect([two.thing('a')?.id, two.thing('b')?.id, two.size]).toEqual([undefined, 'b', 2]);
  });

  it('applyDeclarations keeps aliases with their Things when they move, go and come back', () => {
    const camera = (id: string, alias: string) => thing(id, { gateway: 'nvr', alias });
    let state = applyDeclarations(NOTHING_DECLARED, declare(dataset('air'), camera('a', 'door')));
    expect(state.thingByAlias('nvr', 'door')?.id).toBe('a');
    expect(state.thingByAlias('other', 'door')).toBeUndefined();
    state = applyDeclarations(state, declare(camera('a', 'gate'), camera('b', 'door')));
    expect(state.thingByAlias('nvr', 'door')?.id).toBe('b');
    expect(state.thingByAlias('nvr', 'gate')?.id).toBe('a');
    state = applyDeclarations(state, declare(remove('thing', 'b')));
    expect(state.thingByAlias('nvr', 'door')).toBeUndefined();
  });

  it('applyDeclarations in one call, one by one, and from its own list, comes to the same', () => {
    const step = fc.oneof(
      fc
        .constantFrom('a', 'b', 'c')
        .chain((id) =>
          fc.constantFrom(
            thing(id, { gateway: 'nvr', alias: id }),
            thing(id, { gateway: 'nvr', alias: `${id}2` }),
            remove('thing', id),
          ),
        ),
      fc.constantFrom(mapping('m'), remove('mapping', 'm'), dataset('water'), remove('dataset', 'water')),
    );
    const view = (state: typeof NOTHING_DECLARED) => ({
      things: ['a', 'b', 'c'].map((id) => state.thing(id)),
      aliases: ['a', 'b', 'c', 'a2', 'b2', 'c2'].map((alias) => state.thingByAlias('nvr', alias)?.id),
      rest: [state.mapping('m'), state.dataset('water'), state.size],
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const declarations = declare(...steps);
        const whole = applyDeclarations(NOTHING_DECLARED, declarations);
        const single = declarations.reduce((state, one) => applyDeclarations(state, [one]), NOTHING_DECLARED);
        expect(view(single)).toEqual(view(whole));
        expect(view(applyDeclarations(NOTHING_DECLARED, whole.list()))).toEqual(view(whole));
        const changed = changedDeclarations(NOTHING_DECLARED, declarations);
        expect(view(applyDeclarations(NOTHING_DECLARED, changed))).toEqual(view(whole));
      }),
    );
  });

  it('property finds what ships and what the dataset declares, for that dataset only', () => {
    const properties = [{ id: 'radon', nameEn: 'Radon', nameZh: '氡', unit: 'Bq/m3', min: 0, max: 1000 }];
    const state = applyDeclarations(
      NOTHING_DECLARED,
      declare(dataset('air', { properties }), dataset('water')),
    );
    expect(state.property('pm25', 'air')?.unit).toBe('ug/m3');
    expect(state.property('radon', 'air')?.unit).toBe('Bq/m3');
    expect(state.property('radon', 'water')).toBeUndefined();
    expect(state.property('toString', 'air')).toBeUndefined();
  });
});

describe('changedDeclarations', () => {
  it('changedDeclarations drops what is declared already, whatever the order of its keys', () => {
    const declarations = declare(dataset('air'), thing('a'));
    const state = applyDeclarations(NOTHING_DECLARED, declarations);
    const turned = declarations.map((one) => ({
      ...one,
      body: Object.fromEntries(Object.entries(one.body).reverse()),
    })) as unknown as Declaration[];
    expect(changedDeclarations(state, turned)).toEqual([]);
    const renamed = declare(dataset('air'), thing('a', { nameEn: 'other' }), remove('thing', 'none'));
    expect(changedDeclarations(state, renamed).map((one) => one.body.id)).toEqual(['a']);
  });
});

describe('checkDeclarations', () => {
  const state = applyDeclarations(
    NOTHING_DECLARED,
    declare(dataset('air'), thing('a', { gateway: 'nvr', alias: 'door' })),
  );
  it.each([
    ['a Thing of an unknown dataset', [thing('b', { dataset: 'none' })], /dataset "none" is not declared/],
    ['a mapping of an unknown dataset', [mapping('m', { dataset: 'none' })], /dataset "none"/],
    ['an unknown encoding', [mapping('m', { encoding: 'klingon' })], /encoding "klingon"/],
    ['an encoding that is not ASCII below', [mapping('m', { encoding: 'utf-16le' })], /utf-16le/],
    ['JSON in another encoding', [mapping('m', { encoding: 'gbk', format: 'ndjson' })], /utf-8/],
    ['an alias that is taken', [thing('b', { gateway: 'nvr', alias: 'door' })], /alias "door"/],
    [
      'an alias given twice in one call',
      [thing('b', { gateway: 'nvr', alias: 'x' }), thing('c', { gateway: 'nvr', alias: 'x' })],
      /alias "x"/,
    ],
    ['an unknown property', [thing('b', { datastreams: [{ property: 'zz', periodMs: 1 }] })], /"zz"/],
    ['an unknown time zone', [dataset('b', { timezone: 'Mars/Base' })], /Mars/],
    ['removal of a dataset in use', [remove('dataset', 'air')], /Thing "a" is in it/],
    [
      'another unit for a shipped property',
      [
        dataset('b', {
          properties: [{ id: 'pm25', nameEn: 'x', nameZh: 'x', unit: 'mg/m3', min: 0, max: 1 }],
        }),
      ],
      /ships with the unit/,
    ],
  ] as const)('checkDeclarations refuses %s', (_name, inputs, message) => {
    expect(() => checkDeclarations(state, declare(...inputs))).toThrow(message);
    expect(() => checkDeclarations(state, declare(...inputs))).toThrow(
      expect.objectContaining({ code: 'declaration-invalid' }),
    );
  });

  it('checkDeclarations takes what refers to the same call, in any order, and an alias that moves', () => {
    checkDeclarations(
      state,
      declare(thing('w', { dataset: 'water' }), dataset('water'), remove('thing', 'a')),
    );
    checkDeclarations(state, declare(thing('a'), thing('b', { gateway: 'nvr', alias: 'door' })));
    checkDeclarations(state, declare(remove('thing', 'a'), remove('dataset', 'air')));
  });

  it('parseDeclarations names the place of what breaks the schema', () => {
    expect(() => parseDeclarations([dataset('air'), thing('b', { category: 7 })])).toThrow(
      /1\.body\.category/,
    );
  });
});

describe('DeclarationHistory', () => {
  it('rollBack undoes what the disk refused and keeps what is on disk', () => {
    const history = new DeclarationHistory();
    history.replay(declare(dataset('air')));
    history.apply(5, declare(thing('a')));
    history.apply(8, declare(thing('b')));
    history.settle(6);
    history.apply(9, declare(remove('thing', 'a')));
    history.rollBack(8);
    expect([history.current.thing('a')?.id, history.current.thing('b')?.id]).toEqual(['a', undefined]);
    history.rollBack(0);
    expect(history.current.thing('a')?.id).toBe('a');
  });
});
