/**
 * Registers of schools, hospitals and enterprises as departments deliver them: mostly right, with a few rows that lack a
 * coordinate, have it the wrong way round, or lie far outside the city. Names are generic; no real body is meant.
 */
import iconv from 'iconv-lite';
import { apportion, type County } from '../city/counties.ts';
import { type LonLat, offset } from '../city/geometry.ts';
import { between, mix, normal, textKey } from '../city/random.ts';
import { csv } from './csv.ts';

export interface RecordFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Rows with a coordinate that is missing, swapped or out of range. */
  readonly dirtyRows: number;
  readonly rows: number;
}

/** What may be wrong with a coordinate. */
type Dirt = 'missing' | 'swapped' | 'outside' | 'text';

interface Place {
  readonly county: County;
  readonly ordinal: number;
  readonly key: number;
  readonly lon: string;
  readonly lat: string;
  readonly at: LonLat;
  readonly dirt: Dirt | undefined;
}

/** All registers of the city, ready to be dropped into the inbox. */
export function featureFiles(seed: number): readonly RecordFile[] {
  return [schools(seed), hospitals(seed), enterprises(seed)];
}

export const SCHOOL_COLUMNS = [
  '学校代码',
  '学校名称',
  '区县',
  '学段',
  '学生数',
  '教师数',
  '核定学位',
  '经度',
  '纬度',
] as const;

/** UTF-8 CSV with a byte order mark, as office software writes it. */
function schools(seed: number): RecordFile {
  const dirt = new Map<number, Dirt>([
    [11, 'missing'],
    [37, 'swapped'],
    [58, 'outside'],
    [73, 'text'],
  ]);
  const stages = ['小学', '小学', '初中', '幼儿园', '高中'];
  const rows = places(seed, 'school', 96, 2600, dirt).map(({ county, ordinal, key, lon, lat }) => {
    const stage = stages[ordinal % stages.length]!;
    const places = Math.round(between(240, 2200, key, 5) / 10) * 10;
    const pupils = Math.round(places * between(0.7, 1.08, key, 6));
    return [
      `${county.code}${String(ordinal).padStart(4, '0')}`,
      `${county.nameZh}第${ordinal}${stage}`,
      county.nameZh,
      stage,
      String(pupils),
      String(Math.round(pupils / between(11, 17, key, 7))),
      String(places),
      lon,
      lat,
    ];
  });
  return {
    name: 'schools-2026.csv',
    bytes: Buffer.from(`\ufeff${csv([SCHOOL_COLUMNS, ...rows])}`, 'utf8'),
    dirtyRows: dirt.size,
    rows: rows.length,
  };
}

export const HOSPITAL_COLUMNS = [
  '机构代码',
  '机构名称',
  '区县',
  '等级',
  '床位数',
  '医师数',
  '经度',
  '纬度',
] as const;

/** GB 18030, as older systems still export. */
function hospitals(seed: number): RecordFile {
  const dirt = new Map<number, Dirt>([
    [7, 'swapped'],
    [19, 'missing'],
  ]);
  const kinds = [
    ['人民医院', '三级乙等', 600, 1200],
    ['中医医院', '二级甲等', 250, 600],
    ['妇幼保健院', '二级甲等', 100, 260],
    ['中心卫生院', '一级甲等', 30, 90],
    ['社区卫生服务中心', '一级', 10, 40],
  ] as const;
  const rows = places(seed, 'hospital', 42, 2000, dirt).map(({ county, ordinal, key, lon, lat }) => {
    const [kind, level, fewest, most] = kinds[(ordinal - 1) % kinds.length]!;
    const round = Math.floor((ordinal - 1) / kinds.length);
    const beds = Math.round(between(fewest, most, key, 5));
    return [
      `62${county.code.slice(-4)}H${String(ordinal).padStart(3, '0')}`,
      `${county.nameZh}${round === 0 ? '' : `第${round + 1}`}${kind}`,
      county.nameZh,
      level,
      String(beds),
      String(Math.round(beds * between(0.3, 0.5, key, 6))),
      lon,
      lat,
    ];
  });
  return {
    name: 'hospitals-2026.csv',
    bytes: iconv.encode(csv([HOSPITAL_COLUMNS, ...rows]), 'gb18030'),
    dirtyRows: dirt.size,
    rows: rows.length,
  };
}

/** GeoJSON (RFC 7946). A missing coordinate is a null geometry. */
function enterprises(seed: number): RecordFile {
  const dirt = new Map<number, Dirt>([
    [23, 'missing'],
    [64, 'swapped'],
    [131, 'outside'],
  ]);
  const trades = ['马铃薯加工', '中药材', '草畜', '建材', '装备制造', '商贸流通', '数据服务', '新能源'];
  const features = places(seed, 'enterprise', 180, 3200, dirt).map((place) => {
    const { county, ordinal, key, at } = place;
    const trade = trades[mix(key, 5) % trades.length]!;
    const coordinates =
      place.dirt === 'swapped' ? [at[1], at[0]] : place.dirt === 'outside' ? [0, 0] : [at[0], at[1]];
    return {
      type: 'Feature',
      geometry: place.dirt === 'missing' ? null : { type: 'Point', coordinates },
      properties: {
        code: `91${county.code}${String(ordinal).padStart(6, '0')}`,
        name: `${county.nameZh}${trade}示例企业${ordinal}`,
        county: county.nameZh,
        trade,
        employees: Math.round(between(8, 600, key, 6)),
        output_10k_yuan: Math.round(between(80, 42_000, key, 7)),
        above_scale: between(0, 1, key, 8) < 0.3,
      },
    };
  });
  return {
    name: 'enterprises-2026.geojson',
    bytes: Buffer.from(JSON.stringify({ type: 'FeatureCollection', features }), 'utf8'),
    dirtyRows: dirt.size,
    rows: features.length,
  };
}

/** Places around the towns; the rows in `dirt` (numbered from 0) have a spoiled coordinate. */
function places(
  seed: number,
  kind: string,
  count: number,
  spreadM: number,
  dirt: ReadonlyMap<number, Dirt>,
): readonly Place[] {
  const all = [...apportion(count)].flatMap(([county, share]) =>
    Array.from({ length: share }, (_, index) => ({ county, ordinal: index + 1 })),
  );
  return all.map(({ county, ordinal }, row) => {
    const key = textKey(`${kind}/${county.id}/${ordinal}`) ^ seed;
    const at = offset([county.lonDeg, county.latDeg], spreadM * normal(key, 1), spreadM * normal(key, 2));
    const fault = dirt.get(row);
    const [lon, lat] = spoiled(at, fault);
    return { county, ordinal, key, at, lon, lat, dirt: fault };
  });
}

function spoiled([lon, lat]: LonLat, dirt: Dirt | undefined): readonly [string, string] {
  switch (dirt) {
    case undefined:
      return [String(lon), String(lat)];
    case 'missing':
      return ['', ''];
    case 'swapped':
      return [String(lat), String(lon)];
    case 'outside':
      return ['116.397', '39.909'];
    case 'text':
      return [`东经${lon}`, `北纬${lat}`];
  }
}
