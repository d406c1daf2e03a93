/** The rounds of the comparison, ours and the peer's in turns, each giving rows of the table that is printed. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queries, Store } from '../../analytics/index.ts';
import { cityBatch } from './city-batches.ts';
import type { City } from './city-rows.ts';
import { type Gist, QUESTIONS } from './peer-questions.ts';
import { CREATE_INDEXES, CREATE_TABLE, writeCopyFile } from './peer-table.ts';
import type { Peer } from './postgres.ts';
import { median, short, spread, timed } from './report.ts';

/** Loads are cut into so many pieces, ours and the peer's in turns. */
const LOAD_PIECES = 5;
/** Readings of one commit of ours: what a replay loads. */
const BATCH_ROWS = 100_000;

type Row = string[];

/** Loads the city on both sides, with indexes in place; and at the peer once more into a bare table that is indexed afterwards. */
export async function loadBoth(city: City, folder: string, store: Store, peer: Peer): Promise<Row[]> {
  const file = join(folder, 'rows.copy');
  await peer.rows(CREATE_TABLE);
  for (const sql of CREATE_INDEXES) await peer.rows(sql);
  const piece = Math.ceil(city.rows / LOAD_PIECES / BATCH_ROWS) * BATCH_ROWS;
  const oursRate: number[] = [];
  const peerRate: number[] = [];
  for (let from = 0; from < city.rows; from += piece) {
    const to = Math.min(city.rows, from + piece);
    writeCopyFile(file, city, from, to);
    const copied = await peer.timed(`COPY observation FROM '${file}' (FORMAT binary)`);
    peerRate.push(((to - from) / copied.ms) * 1000);
    oursRate.push(((to - from) / (await loadPiece(city, store, from, to))) * 1000);
  }
  const bulk = await bulkLoad(city, file, peer);
  await rm(file, { force: true });
  await peer.rows('VACUUM ANALYZE observation');
  const [peerBytes] = await peer.rows("SELECT pg_total_relation_size('observation')");
  const hot = (await store.metrics()).fileBytes / city.rows;
  const theirs = Number(peerBytes![0]) / city.rows;
  return [
    rates('load with indexes, k rows/s', oursRate, peerRate),
    rates('load, peer indexes a full table afterwards, k rows/s', oursRate, [(city.rows / bulk) * 1000]),
    ['hot, B/row', short(hot), short(theirs), `1/${short(theirs / hot)}`, '1/6', ''],
  ];
}

/** @returns Milliseconds of the loads and the checkpoint; making the rows is left out. */
async function loadPiece(city: City, store: Store, from: number, to: number): Promise<number> {
  let ms = 0;
  for (let start = from; start < to; start += BATCH_ROWS) {
    const batch = cityBatch(city, store.position, start, Math.min(to, start + BATCH_ROWS));
    ms += (await timed(() => store.load(batch))).ms;
  }
  return ms + (await timed(() => store.checkpoint())).ms;
}

/** @returns Milliseconds of the peer for everything into a new table and its indexes after that. */
async function bulkLoad(city: City, file: string, peer: Peer): Promise<number> {
  writeCopyFile(file, city, 0, city.rows);
  const bare = (sql: string) => sql.replaceAll('observation', 'bulk');
  let ms = 0;
  // In one transaction, by which the peer need not log the rows.
  for (const sql of [
    'BEGIN',
    bare(CREATE_TABLE),
    `COPY bulk FROM '${file}' (FORMAT binary)`,
    ...CREATE_INDEXES.map(bare),
    'COMMIT',
  ]) {
    ms += (await peer.timed(sql)).ms;
  }
  await peer.rows('DROP TABLE bulk');
  return ms;
}

function rates(name: string, ours: readonly number[], peer: readonly number[]): Row {
  const thousands = (values: readonly number[]) => values.map((value) => value / 1000);
  const ratio = `${short(median(ours) / median(peer))} x`;
  return [name, spread(thousands(ours)), spread(thousands(peer)), ratio, '3 x', ''];
}

/**
 * Asks both sides each question in turns, about the same places and times, after one round that is not counted.
 *
 * @throws {Error} when the answers differ.
 */
export async function askBoth(
  state: string,
  city: City,
  queries: Queries,
  peer: Peer,
  random: () => number,
  rounds: number,
): Promise<Row[]> {
  const table: Row[] = [];
  for (const { name, bar, exact, draw } of QUESTIONS) {
    const ours: number[] = [];
    const theirs: number[] = [];
    let from = '';
    for (let round = 0; round <= rounds; round++) {
      const asked = draw(city, queries, random);
      const peerAnswer = await peer.timed(asked.peer);
      const answer = await timed(asked.ours);
      agree(name, exact, answer.value, gistOf(peerAnswer.value));
      from = answer.value.from;
      if (round === 0) continue;
      ours.push(answer.ms);
      theirs.push(peerAnswer.ms);
    }
    const ratio = median(theirs) / median(ours);
    const title = `${state}: ${name}, ms`;
    table.push([title, spread(ours), spread(theirs), `${short(ratio)} x`, `${bar} x`, from]);
  }
  return table;
}

function gistOf(rows: readonly (readonly string[])[]): Gist {
  return { groups: rows.length, readings: rows.reduce((sum, row) => sum + Number(row[0]), 0), from: '' };
}

function agree(name: string, exact: boolean, ours: Gist, peer: Gist): void {
  const same = ours.groups === peer.groups && ours.readings === peer.readings;
  // Zones that touch a box hold what is in the box, and some of what is round it.
  const near = ours.readings >= peer.readings && ours.groups <= peer.groups * 1.5;
  if (exact ? same : near) return;
  throw new Error(
    `The answers to "${name}" differ: ours ${ours.readings} readings in ${ours.groups} groups, ` +
      `the peer's ${peer.readings} in ${peer.groups}`,
  );
}

/** Seals everything. */
export async function sealOurs(city: City, store: Store, peer: Peer): Promise<Row[]> {
  const { ms } = await timed(() => store.seal({ all: true }));
  const [peerBytes] = await peer.rows("SELECT pg_total_relation_size('observation')");
  const sealed = store.parts.bytes / city.rows;
  const theirs = Number(peerBytes![0]) / city.rows;
  return [
    ['seal, k rows/s', short(city.rows / ms), '', '', '', ''],
    ['sealed, B/row', short(sealed), short(theirs), `1/${short(theirs / sealed)}`, '1/15', ''],
  ];
}
