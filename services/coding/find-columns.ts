/** Which columns of a table hold the position: those that were named, else those whose names say so. Never a guess between two. */
import { CodingError } from './coding-error.ts';

export type ColumnPart = 'lon' | 'lat' | 'height' | 'code';

/** Names people give, best first; `x` and `y` last, for they are many things. */
const KNOWN: Readonly<Record<ColumnPart, readonly (readonly string[])[]>> = {
  lon: [
    [
      '经度',
      'longitude',
      'lon',
      'lng',
      'long',
      'londeg',
      'longdeg',
      '东经',
      '经度坐标',
      '经度值',
      '中心经度',
    ],
    ['东坐标', 'easting', '横坐标', 'x', '坐标x', 'x坐标', 'pointx', 'coordx'],
  ],
  lat: [
    ['纬度', 'latitude', 'lat', 'latdeg', '北纬', '纬度坐标', '纬度值', '中心纬度'],
    ['北坐标', 'northing', '纵坐标', 'y', '坐标y', 'y坐标', 'pointy', 'coordy'],
  ],
  height: [
    [
      '大地高',
      'height',
      'heightm',
      '高程',
      '海拔',
      '高度',
      '正常高',
      '正高',
      'altitude',
      'alt',
      'elevation',
      'elev',
    ],
    ['z', 'h', '坐标z', 'z坐标', 'pointz'],
  ],
  code: [
    ['code', '网格码', '网格编码', '北斗网格码', '位置码', '编码', '北斗网格位置码', 'zone', 'cell', 'h3'],
  ],
};

/** In plane systems surveyors call the northing X and the easting Y, and mapping software the other way round. */
const AMBIGUOUS_IN_PLANE = new Set([
  'x',
  'y',
  '坐标x',
  'x坐标',
  '坐标y',
  'y坐标',
  'pointx',
  'pointy',
  'coordx',
  'coordy',
]);

const WORDS: Readonly<Record<ColumnPart, string>> = {
  lon: 'longitude or easting',
  lat: 'latitude or northing',
  height: 'height',
  code: 'code',
};

/**
 * Index of one column.
 *
 * @param named - The caller's name for it; it must be there once.
 * @param plane - Positions are metres of a plane system.
 * @throws {CodingError} `columns-unclear`, naming what was found.
 */
export function findColumn(
  part: ColumnPart,
  header: readonly string[],
  named: string | undefined,
  plane = false,
): number {
  if (named !== undefined) return findNamed(part, header, named);
  for (const names of KNOWN[part]) {
    const hits = header.flatMap((name, i) => (names.includes(plain(name)) ? [i] : []));
    if (hits.length > 1)
      throw unclear(part, `could be ${hits.map((i) => `"${header[i]}"`).join(' or ')}: name the one`);
    const hit = hits[0];
    if (hit === undefined) continue;
    if (plane && AMBIGUOUS_IN_PLANE.has(plain(header[hit]!)))
      throw unclear(
        part,
        `is not clear: in plane systems "${header[hit]}" may be the northing or the easting: name both columns`,
      );
    return hit;
  }
  throw unclear(part, `is not there: found are ${found(header)}`);
}

function findNamed(part: ColumnPart, header: readonly string[], named: string): number {
  const exact = header.flatMap((name, i) => (name.trim() === named.trim() ? [i] : []));
  const hits =
    exact.length > 0 ? exact : header.flatMap((name, i) => (plain(name) === plain(named) ? [i] : []));
  if (hits.length === 1) return hits[0]!;
  throw hits.length === 0
    ? unclear(part, `"${named}" is not there: found are ${found(header)}`)
    : unclear(part, `"${named}" is there ${hits.length} times`);
}

/** Units and marks left out: `经度(°)`, `Lon_Deg`, ` LON `. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[(（[].*$/u, '')
    .replace(/[\s_\-.:：°]/gu, '');
}

function found(header: readonly string[]): string {
  const names = header.filter((name) => name.trim() !== '').map((name) => `"${name.trim().slice(0, 40)}"`);
  if (names.length === 0) return 'none';
  return names.length > 30
    ? `${names.slice(0, 30).join(', ')} and ${names.length - 30} more`
    : names.join(', ');
}

function unclear(part: ColumnPart, what: string): CodingError {
  return new CodingError('columns-unclear', `The column of the ${WORDS[part]} ${what}`);
}

/** A name that the table does not have yet: `h3_9`, else `h3_9_2`. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wanted : `${wanted}_${n}`;
    if (!taken.has(name)) return name;
  }
}
