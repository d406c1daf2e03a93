import { apportion, COUNTIES, type County, countyOf } from '../city/counties.ts';
import { along, type LonLat, offset, type Path, path } from '../city/geometry.ts';
import { between, clamp, drift, rounded, textKey } from '../city/random.ts';
import { footRhythm } from '../city/rhythm.ts';
import { townOf } from '../city/streets.ts';
import { type TravelClock, travelClock } from '../city/travel-clock.ts';
import type { FleetContext, Sensor } from './sensor.ts';

const DATASTREAMS = [
  { property: 'speed', min: 0, max: 120 },
  { property: 'bearing', min: 0, max: 360 },
  { property: 'passenger-load', min: 0, max: 150, warnAbove: 110 },
] as const;

/** Between towns: schematic roads with a few bends, by county ids. */
const TOWN_LINKS = [
  ['anding', 'longxi'],
  ['anding', 'tongwei'],
  ['anding', 'lintao'],
  ['longxi', 'weiyuan'],
  ['longxi', 'zhang'],
  ['weiyuan', 'lintao'],
  ['zhang', 'min'],
] as const;

/** Seconds at a stop, and metres per second between stops on a free road. */
const DWELL_MS = 25_000;
const TOWN_M_PER_S = 30 / 3.6;
const ROAD_M_PER_S = 62 / 3.6;

interface Route {
  readonly number: string;
  readonly nameEn: string;
  readonly nameZh: string;
  readonly county: County;
  readonly line: Path;
  readonly stopEveryM: number;
  readonly cruise: number;
}

/** A quarter of the buses run between towns, the others within them; all go there and back, round the clock. */
export function buses({ seed, count }: FleetContext): readonly Sensor[] {
  const clock = travelClock(seed);
  const between_ = Math.min(count, Math.max(TOWN_LINKS.length, Math.round(count / 4)));
  const long = linkRoutes(seed);
  const duties: Route[] = Array.from({ length: between_ }, (_, index) => long[index % long.length]!);
  for (const [county, share] of apportion(count - between_)) {
    const routes = townRoutes(seed, county);
    for (let index = 0; index < share; index += 1) duties.push(routes[index % routes.length]!);
  }
  return duties.map((route, index) => bus(seed, clock, route, index + 1));
}

function bus(seed: number, clock: TravelClock, route: Route, ordinal: number): Sensor {
  const id = `bus-${String(ordinal).padStart(3, '0')}`;
  const key = textKey(id) ^ seed;
  const timetable = makeTimetable(route);
  const headStart = between(0, timetable.roundTripMs, key, 1);
  return {
    id,
    kind: 'bus',
    dataset: 'demo-bus',
    nameEn: `Bus ${ordinal}, line ${route.nameEn}`,
    nameZh: `${route.nameZh}公交${ordinal}号车`,
    county: route.county,
    periodMs: 5000,
    datastreams: DATASTREAMS,
    properties: { route: route.number },
    read: (instant) => {
      const where = timetable.at(clock.at(instant) + headStart);
      const speed = where.moving ? route.cruise * 3.6 * clock.pace(instant) : 0;
      const load = 12 + 85 * footRhythm(instant) * (0.75 + 0.45 * drift(key, instant, 600_000));
      return {
        time: instant,
        location: where.at,
        results: {
          speed: rounded(clamp(speed, 0, 119), 1),
          bearing: rounded(where.bearingDeg, 0) % 360,
          'passenger-load': rounded(clamp(load, 0, 149), 0),
        },
      };
    },
  };
}

/** There and back: legs of cruising between stops and a dwell at each. Travel ms in, place out. */
function makeTimetable(route: Route) {
  const legs = Math.max(1, Math.round(route.line.lengthM / route.stopEveryM));
  const legM = route.line.lengthM / legs;
  const legMs = (legM / route.cruise) * 1000;
  const oneWayMs = legs * (legMs + DWELL_MS);
  return {
    roundTripMs: 2 * oneWayMs,
    at(travelMs: number) {
      const inTrip = travelMs % (2 * oneWayMs);
      const back = inTrip >= oneWayMs;
      const inWay = back ? inTrip - oneWayMs : inTrip;
      const leg = Math.min(legs - 1, Math.floor(inWay / (legMs + DWELL_MS)));
      const inLeg = inWay - leg * (legMs + DWELL_MS) - DWELL_MS;
      const gone = Math.min(route.line.lengthM, (leg + Math.max(0, inLeg) / legMs) * legM);
      const spot = along(route.line, back ? route.line.lengthM - gone : gone);
      return {
        at: spot.at,
        bearingDeg: back ? (spot.bearingDeg + 180) % 360 : spot.bearingDeg,
        moving: inLeg > 0,
      };
    },
  };
}

function linkRoutes(seed: number): readonly Route[] {
  return TOWN_LINKS.map(([fromId, toId], index) => {
    const from = countyOf(fromId);
    const to = countyOf(toId);
    const points: LonLat[] = [];
    for (let step = 0; step <= 8; step += 1) {
      const share = step / 8;
      const straight: LonLat = [
        from.lonDeg + (to.lonDeg - from.lonDeg) * share,
        from.latDeg + (to.latDeg - from.latDeg) * share,
      ];
      const bend = step === 0 || step === 8 ? 0 : 2500;
      points.push(
        offset(
          straight,
          between(-bend, bend, seed, index, step, 1),
          between(-bend, bend, seed, index, step, 2),
        ),
      );
    }
    return {
      number: String(901 + index),
      nameEn: `${901 + index} ${from.nameEn}-${to.nameEn}`,
      nameZh: `${901 + index}路（${from.nameZh}—${to.nameZh}）`,
      county: from,
      line: path(points),
      stopEveryM: 9000,
      cruise: ROAD_M_PER_S,
    };
  });
}

/** Two lines a town: out along one street, across, and back along another. */
function townRoutes(seed: number, county: County): readonly Route[] {
  const { streets } = townOf(seed, county);
  const first = COUNTIES.indexOf(county) * 10 + 1;
  return [0, 1].map((ordinal) => {
    const out = streets[ordinal]!.line.points;
    const home = streets[ordinal + 3]!.line.points;
    const number = String(first + ordinal);
    return {
      number,
      nameEn: `${number} ${county.nameEn}`,
      nameZh: `${county.nameZh}${number}路`,
      county,
      line: path([out[0]!, out[1]!, home[1]!, home[0]!]),
      stopEveryM: 450,
      cruise: TOWN_M_PER_S,
    };
  });
}
