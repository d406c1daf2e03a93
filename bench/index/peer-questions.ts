/** The questions that both sides answer from the same rows, with the bar of each: how many times faster we have to be. */
import type { Queries } from '../../analytics/index.ts';
import { h3 } from '../../grid/index.ts';
import { PROPERTY, thingName } from './city-batches.ts';
import { between, CITY_BOX, type City, DAY_MS, HOUR_MS } from './city-rows.ts';
import { QUARTER_LEVEL } from './peer-table.ts';
import { ALL } from './report.ts';

/** What both sides must agree about: groups of the answer and readings in them. */
export interface Gist {
  readonly groups: number;
  readonly readings: number;
  readonly from: string;
}

export interface Asked {
  readonly ours: () => Promise<Gist>;
  /** First column of each row: readings of the group. */
  readonly peer: string;
}

export interface Question {
  readonly name: string;
  /** Times faster than the peer, at least. */
  readonly bar: number;
  /** False where the peer asks by an exact box and we by zones that touch it. */
  readonly exact: boolean;
  /** The same question about another place or time for each draw. */
  readonly draw: (city: City, queries: Queries, random: () => number) => Asked;
}

const ZONE_LEVEL = 7;
/** 1,770 km2 on average: the size of a county. */
const DISTRICT_LEVEL = 4;
/** A box of the same size, degrees. */
const DISTRICT_WIDTH = 0.46;
const DISTRICT_HEIGHT = 0.38;

export const QUESTIONS: readonly Question[] = [
  {
    name: 'city, one hour, by zone',
    bar: 10,
    exact: true,
    draw: (city, queries, random) => {
      const span = hourOf(city, random);
      return {
        ours: () => zones(queries, ZONE_LEVEL, span),
        peer: grouped(PARENT_ZONE, [timeSql(span)]),
      };
    },
  },
  {
    name: 'district (a zone of 1,770 km2), one day, by hour',
    bar: 8,
    exact: true,
    draw: (city, queries, random) => {
      const span = dayOf(city, random);
      const zone = zoneAt(random, DISTRICT_LEVEL);
      return {
        ours: () => series(queries, { zone: zone.text, span }),
        peer: grouped(HOUR, [timeSql(span), `quarter BETWEEN ${zone.lo} AND ${zone.hi}`]),
      };
    },
  },
  {
    name: 'district (a box of 42 by 42 km), one day, by quarter',
    bar: 8,
    exact: false,
    draw: (city, queries, random) => {
      const span = dayOf(city, random);
      const west = between(CITY_BOX[0], CITY_BOX[2] - DISTRICT_WIDTH, random());
      const south = between(CITY_BOX[1], CITY_BOX[3] - DISTRICT_HEIGHT, random());
      const box = [west, south, west + DISTRICT_WIDTH, south + DISTRICT_HEIGHT] as const;
      return {
        ours: () => zones(queries, QUARTER_LEVEL, span, box),
        peer: grouped('quarter', [timeSql(span), `geom && ST_MakeEnvelope(${box.join(', ')}, 4326)`]),
      };
    },
  },
  {
    name: 'city, whole time, by zone',
    bar: 8,
    exact: true,
    draw: (city, queries) => ({
      ours: () => zones(queries, ZONE_LEVEL, city),
      peer: grouped(PARENT_ZONE, []),
    }),
  },
  {
    name: 'one quarter (0.74 km2), whole time, by hour',
    bar: 1,
    exact: true,
    draw: (city, queries, random) => {
      const zone = zoneAt(random, QUARTER_LEVEL);
      return {
        ours: () => series(queries, { zone: zone.text, span: city }),
        peer: grouped(HOUR, [`quarter = ${zone.quarter}`]),
      };
    },
  },
  {
    name: 'one Thing, one day, by hour',
    bar: 1,
    exact: true,
    draw: (city, queries, random) => {
      const span = dayOf(city, random);
      const thing = Math.floor(random() * city.things);
      return {
        ours: () => series(queries, { thing: thingName(thing), span }),
        peer: grouped(HOUR, [`thing = ${thing}`, timeSql(span)]),
      };
    },
  },
];

interface Span {
  readonly from: number;
  readonly to: number;
}
type Box = readonly [number, number, number, number];

async function zones(queries: Queries, level: number, { from, to }: Span, bbox?: Box): Promise<Gist> {
  const query = { dggrs: 'h3', level, property: PROPERTY, span: { from, to } } as const;
  const answer = await queries.zones(ALL, bbox === undefined ? query : { ...query, bbox });
  const readings = answer.zones.reduce((sum, zone) => sum + zone.count, 0);
  return { groups: answer.zones.length, readings, from: answer.provenance.answeredFrom };
}

async function series(
  queries: Queries,
  about: { readonly span: Span; readonly zone?: string; readonly thing?: string },
): Promise<Gist> {
  const answer = await queries.series(ALL, {
    property: PROPERTY,
    span: { from: about.span.from, to: about.span.to },
    bucketMs: HOUR_MS,
    ...(about.zone === undefined ? {} : { zone: { dggrs: 'h3', id: about.zone } }),
    ...(about.thing === undefined ? {} : { thing: about.thing }),
  });
  const held = answer.count.filter((count) => count > 0);
  const readings = held.reduce((sum, count) => sum + count, 0);
  return { groups: held.length, readings, from: answer.provenance.answeredFrom };
}

/** The same figures as our answers carry, by group. */
function grouped(group: string, where: readonly string[]): string {
  const filter = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`;
  return `SELECT count(*), ${group}, avg(value), min(value), max(value), max(time) FROM observation${filter} GROUP BY 2`;
}

const HOUR = "date_bin('1 hour', time, '2000-01-01T00:00:00Z')";
/** An H3 parent is bit arithmetic for the peer too: the resolution set, the finer digit filled with 7. */
const PARENT_ZONE = `((quarter & ~(15::bigint << 52)) | (${ZONE_LEVEL}::bigint << 52) | (7::bigint << ${3 * (15 - QUARTER_LEVEL)}))`;

function timeSql({ from, to }: Span): string {
  return `time >= '${new Date(from).toISOString()}' AND time < '${new Date(to).toISOString()}'`;
}

function hourOf(city: City, random: () => number): Span {
  const hours = Math.floor((city.to - city.from) / HOUR_MS);
  const from = city.from + Math.floor(random() * hours) * HOUR_MS;
  return { from, to: from + HOUR_MS };
}

function dayOf(city: City, random: () => number): Span {
  const days = Math.floor((city.to - city.from) / DAY_MS);
  const from = city.from + Math.floor(random() * days) * DAY_MS;
  return { from, to: from + DAY_MS };
}

/** A zone that lies in the city's box for sure, and the quarters in it. */
function zoneAt(random: () => number, level: number) {
  const lon = between(CITY_BOX[0] + 0.4, CITY_BOX[2] - 0.4, random());
  const lat = between(CITY_BOX[1] + 0.4, CITY_BOX[3] - 0.4, random());
  const zone = h3.encode(lon, lat, level);
  const quarters = h3.subZones(zone, level, QUARTER_LEVEL);
  return {
    text: h3.format(zone, level),
    quarter: h3.encode(lon, lat, QUARTER_LEVEL),
    lo: quarters[0]!,
    hi: quarters.at(-1)!,
  };
}
