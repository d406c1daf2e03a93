/** Schematic streets of each county town: a turned grid of ten streets with common names. Not a map of the real towns. */
import type { County } from './counties.ts';
import { type LonLat, offset, type Path, path } from './geometry.ts';
import { between, textKey } from './random.ts';

export interface Street {
  readonly key: number;
  readonly nameEn: string;
  readonly nameZh: string;
  readonly line: Path;
}

export interface Town {
  readonly county: County;
  /** Five along, five across. */
  readonly streets: readonly Street[];
  /** Where an along-street meets an across-street; all 25. */
  readonly crossings: readonly { readonly at: LonLat; readonly nameEn: string; readonly nameZh: string }[];
}

const ALONG = [
  ['东大街', 'East Street'],
  ['西大街', 'West Street'],
  ['解放路', 'Jiefang Road'],
  ['友谊路', 'Youyi Road'],
  ['滨河路', 'Binhe Road'],
] as const;
const ACROSS = [
  ['南大街', 'South Street'],
  ['北大街', 'North Street'],
  ['建设路', 'Jianshe Road'],
  ['文化路', 'Wenhua Road'],
  ['新城大道', 'Xincheng Avenue'],
] as const;

/** Metres between parallel streets. */
const BLOCK_M = 420;

/** Towns already drawn, by seed and county: every hotline case asks for one. */
const drawn = new Map<string, Town>();

/** The schematic town of a county. */
export function townOf(seed: number, county: County): Town {
  const name = `${seed}/${county.id}`;
  const town = drawn.get(name) ?? draw(seed, county);
  drawn.set(name, town);
  return town;
}

function draw(seed: number, county: County): Town {
  const key = textKey(county.id);
  const turn = between(-0.5, 0.5, seed, key, 1);
  const centre: LonLat = [county.lonDeg, county.latDeg];
  // East and north metres in the town's own turned frame.
  const place = (east: number, north: number) =>
    offset(
      centre,
      east * Math.cos(turn) - north * Math.sin(turn),
      east * Math.sin(turn) + north * Math.cos(turn),
    );
  const lane = (index: number, salt: number) =>
    (index - 2) * BLOCK_M + between(-70, 70, seed, key, salt, index);
  const half = 700 + 1500 * Math.sqrt(county.weight);
  const along = ALONG.map(([nameZh, nameEn], index) => {
    const north = lane(index, 2);
    return { nameZh, nameEn, north, line: path([place(-half, north), place(half, north)]) };
  });
  const across = ACROSS.map(([nameZh, nameEn], index) => {
    const east = lane(index, 3);
    return { nameZh, nameEn, east, line: path([place(east, -half), place(east, half)]) };
  });
  return {
    county,
    streets: [...along, ...across].map(({ nameZh, nameEn, line }) => ({
      key: textKey(`${county.id}/${nameEn}`),
      nameEn,
      nameZh,
      line,
    })),
    crossings: along.flatMap((a) =>
      across.map((b) => ({
        at: place(b.east, a.north),
        nameEn: `${a.nameEn} / ${b.nameEn}`,
        nameZh: `${a.nameZh}${b.nameZh}路口`,
      })),
    ),
  };
}
