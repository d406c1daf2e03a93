/** Where the 24 cameras stand and how they look: 12 behind one Frigate server in Anding, 12 speaking ONVIF Profile M in the other counties. */
import type { CameraPose } from '../../../ingest/model/index.ts';
import { COUNTIES, type County } from '../city/counties.ts';
import { type LonLat, offset } from '../city/geometry.ts';
import { between, rounded, textKey } from '../city/random.ts';
import { townOf } from '../city/streets.ts';

/** The principal of the video server that speaks for the Frigate cameras. */
export const FRIGATE_GATEWAY = 'frigate-anding';

export interface Camera {
  readonly id: string;
  readonly protocol: 'frigate' | 'onvif';
  /** Name by which the Frigate server knows it. */
  readonly alias?: string;
  readonly nameEn: string;
  readonly nameZh: string;
  readonly county: County;
  readonly at: LonLat;
  readonly pose: CameraPose;
  readonly key: number;
}

/** All cameras of the city, the Frigate ones first. */
export function planCameras(seed: number): readonly Camera[] {
  const anding = COUNTIES[0]!;
  const frigate = Array.from({ length: 12 }, (_, index) => camera(seed, anding, index, 'frigate'));
  const perCounty = [3, 3, 2, 2, 1, 1];
  const onvif = COUNTIES.slice(1).flatMap((county, row) =>
    Array.from({ length: perCounty[row]! }, (_, index) => camera(seed, county, index, 'onvif')),
  );
  return [...frigate, ...onvif];
}

function camera(seed: number, county: County, index: number, protocol: 'frigate' | 'onvif'): Camera {
  const ordinal = String(index + 1).padStart(2, '0');
  const id = `cam-${county.id}-${ordinal}`;
  const key = textKey(id) ^ seed;
  const { crossings } = townOf(seed, county);
  const crossing = crossings[(index * 9 + 12) % crossings.length]!;
  return {
    id,
    protocol,
    ...(protocol === 'frigate' ? { alias: `cross_${ordinal}` } : {}),
    nameEn: `${county.nameEn} ${crossing.nameEn} camera`,
    nameZh: `${county.nameZh}${crossing.nameZh}摄像机`,
    county,
    at: offset(crossing.at, between(-18, 18, key, 1), between(-18, 18, key, 2)),
    pose: {
      headingDeg: rounded(between(0, 359, key, 3), 0),
      tiltDeg: rounded(between(18, 26, key, 4), 1),
      mountHeightM: rounded(between(5.5, 8, key, 5), 1),
      hfovDeg: 72,
      widthPx: protocol === 'frigate' ? 1280 : 1920,
      heightPx: protocol === 'frigate' ? 720 : 1080,
      rangeM: 100,
    },
    key,
  };
}
