import { expect, it } from 'vitest';
import * as analytics from './index.ts';

it('index.ts: the room shows these names and no others', () => {
  expect(Object.keys(analytics).sort()).toEqual([
    'LatestIndex',
    'QueryError',
    'StoreError',
    'checkIndex',
    'checkIndexFile',
    'createQueries',
    'inspectParts',
    'isQueryError',
    'isStoreError',
    'openPartRowsCheck',
    'openStore',
    'underQueryContext',
  ]);
});
