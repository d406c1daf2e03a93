/** What is asked in which order, and the rows of the tables that are printed. */
import { createQueries, type Queries } from '../../analytics/index.ts';
import { h3, type ZoneGrid } from '../../grid/index.ts';
import type { City } from './city-rows.ts';
import { HOUR_MS } from './city-rows.ts';
import { percentile, short, timed } from './report.ts';
import {
  askRawDay,
  askThingDay,
  askViewport,
  type Measured,
  measure,
  measuredRow,
  SPANS,
  spanOf,
} from './scale-questions.ts';
import { forgetPages, openScale, type Scale } from './scale-store.ts';
import { LEVELS } from './viewports.ts';

const TIMES = 40;
const VIEWPORT_BAR_MS = 50;
const RAW_DAY_BAR_MS = 300;
const THING_DAY_BAR_MS = 30;

/** Every question at random places and times, one after another on a store that has been asked before. */
export async function questionsWarm(city: City, queries: Queries, random: () => number): Promise<string[][]> {
  const table: string[][] = [];
  const all: number[] = [];
  for (const { grid, level } of LEVELS) {
    for (const span of SPANS) {
      const ask = () => askViewport(queries, grid, level, spanOf(city, span, random), random);
      await ask();
      const measured = await measure(`${grid.id} level ${level}, ${span}`, TIMES, ask);
      all.push(...measured.ms);
      table.push(measuredRow(measured, VIEWPORT_BAR_MS));
    }
  }
  const viewports: Measured = { name: 'all viewports', ms: all, groups: [], from: new Set() };
  table.push(measuredRow(viewports, VIEWPORT_BAR_MS));
  table.push(
    measuredRow(
      await measure('rows of one day by H3 level 9', TIMES, () => askRawDay(queries, city, random)),
      RAW_DAY_BAR_MS,
    ),
    measuredRow(
      await measure('one Thing, one day by 10 minutes', TIMES, () => askThingDay(queries, city, random)),
      THING_DAY_BAR_MS,
    ),
  );
  return table;
}

/** The first question of its kind after a start, with nothing of the files in memory. */
export async function questionsCold(scale: Scale, random: () => number): Promise<string[][]> {
  const table: string[][] = [];
  const cold = async (
    name: string,
    ask: (queries: Queries) => Promise<{ readonly groups: number; readonly from: string }>,
  ) => {
    forgetPages(scale.folder);
    const opened = await timed(() => openScale(scale));
    const { ms, value } = await timed(() => ask(createQueries(opened.value)));
    await opened.value.close();
    table.push([name, short(ms), value.from]);
    return opened.ms;
  };
  const opening: number[] = [];
  for (const span of SPANS) {
    const ask = (queries: Queries) => askViewport(queries, h3, 8, spanOf(scale.city, span, random), random);
    opening.push(await cold(`h3 level 8, ${span}`, ask));
  }
  opening.push(await cold('rows of one day by H3 level 9', (q) => askRawDay(q, scale.city, random)));
  opening.push(await cold('one Thing, one day', (q) => askThingDay(q, scale.city, random)));
  return [['opening the index', short(percentile(opening, 0.5)), ''], ...table];
}

/** Levels and spans for which the smallest store holds everything that the largest does. */
const SAME: readonly { readonly grid: ZoneGrid; readonly level: number; readonly hours: number }[] = [
  { grid: h3, level: 6, hours: 1 },
  { grid: h3, level: 8, hours: 1 },
  { grid: h3, level: 10, hours: 1 },
  { grid: h3, level: 6, hours: 6 },
  { grid: h3, level: 8, hours: 6 },
];

/** The same areas, spans and levels asked of every size, in turns. @throws {Error} when the answers differ. */
export async function compareSizes(scales: readonly Scale[], random: () => number): Promise<string[][]> {
  const stores = [];
  for (const scale of scales) stores.push(await openScale(scale));
  const all = stores.map((store) => createQueries(store));
  const table: string[][] = [];
  for (const { grid, level, hours } of SAME) {
    const ms = all.map((): number[] => []);
    for (let round = 0; round <= TIMES; round++) {
      // The smallest store holds a little more than seven hours: the newest whole ones.
      const to = scales[0]!.city.to - Math.floor(random() * (8 - hours)) * HOUR_MS;
      const span = { from: Math.max(to - hours * HOUR_MS, scales[0]!.city.to - 7 * HOUR_MS), to };
      const seed = random();
      const groups: number[] = [];
      for (const [index, queries] of all.entries()) {
        const { ms: took, value } = await timed(() => askViewport(queries, grid, level, span, replay(seed)));
        groups.push(value.groups);
        if (round > 0) ms[index]!.push(took);
      }
      if (new Set(groups).size > 1) throw new Error(`The sizes answer with ${groups.join(', ')} zones`);
    }
    table.push([
      `${grid.id} level ${level}, ${hours} h`,
      ...ms.map((values) => `${short(percentile(values, 0.5))} / ${short(percentile(values, 0.99))}`),
    ]);
  }
  for (const store of stores) await store.close();
  return table;
}

/** The same few numbers again for each size. */
function replay(first: number): () => number {
  let value = first;
  return () => {
    value = (value * 7.13 + 0.37) % 1;
    return value;
  };
}
