#!/usr/bin/env node
// Counts open data files without the project: `node totals.mjs <data set> <file...>` writes NDJSON, first a line a zone,
// hour and category
//   {"dataset","dggrs","level","id","bucket","category","count","sum","min","max"}
// (sum, min and max are null for events and places), then a line a data set
//   {"account":{"dataset","records","readings","partialRecords","flagged","unlocated"}}.
// It imports nothing of the project, on purpose: it is what the project's own totals are compared with.
const DATASETS = [
  'airquality-beijing',
  'gtfs-caltrain',
  'gov-311-nyc',
  'video-frigate',
  'video-ottrk',
  'gov-greater-manchester',
];

const [dataset, ...files] = process.argv.slice(2);
if (!DATASETS.includes(dataset) || files.length === 0) {
  process.stderr.write(`Usage: totals.mjs <${DATASETS.join('|')}> <file...>\n`);
  process.exit(2);
}
const { default: totals } = await import(`./${dataset}.mjs`);
const { rows, accounts } = totals(files);
for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
for (const account of accounts) process.stdout.write(`${JSON.stringify({ account })}\n`);
