import { expect, it } from 'vitest';
import * as ingest from './index.ts';

it('ingest/index.ts offers these names to other rooms and no others', () => {
  expect(Object.keys(ingest).sort()).toEqual([
    'IngestError',
    'SOURCES',
    'inspectSegment',
    'isIngestError',
    'lockJournal',
    'matchFile',
    'openDoors',
    'readDeclarationFile',
    'replayMessages',
    'segmentFiles',
    'sourceForTopic',
    'unreleaseJournal',
  ]);
});
