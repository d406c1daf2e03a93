/** Real open data through the real doors gives the totals that a script without the project counts. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realDatasets, SHARED_DATA, sendAndCompare } from '../testing/real-data.ts';
import { removeData, type ServerProcess, startServer } from '../testing/server-process.ts';

const present = existsSync(SHARED_DATA);
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
}, 90_000);
afterAll(async () => {
  await server.stop();
  removeData(server.dataDir);
});

describe.runIf(present)(
  'open data by the doors of a customer (needs the data folder beside the repository)',
  () => {
    const sets = present ? realDatasets(/_Dongsi_/) : [];
    it.each(sets)(
      '$name: totals per zone, hour and category, and accounts, equal the independent count',
      { timeout: 180_000 },
      async (set) => {
        const comparisons = await sendAndCompare(server, set);
        expect(comparisons.length).toBeGreaterThan(0);
        for (const comparison of comparisons) expect(comparison).toMatchObject({ differences: [] });
        expect(comparisons.reduce((sum, comparison) => sum + comparison.rows, 0)).toBeGreaterThan(0);
      },
    );
  },
);
