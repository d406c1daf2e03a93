/** All of the open data, the twelve Beijing stations whole: some five million readings over MQTT. */
import { realDatasets, sendAndCompare } from '../testing/real-data.ts';
import { removeData, startServer } from '../testing/server-process.ts';

const server = await startServer();
let bad = 0;
for (const set of realDatasets(/\.csv\.gz$/)) {
  const began = Date.now();
  for (const comparison of await sendAndCompare(server, set)) {
    console.log(JSON.stringify(comparison));
    if (comparison.differences.length > 0) bad += 1;
  }
  console.error(`  ${set.name}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
}
await server.stop();
removeData(server.dataDir);
process.exit(bad > 0 ? 1 : 0);
