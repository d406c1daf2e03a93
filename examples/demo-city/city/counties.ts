/** The seven counties of Dingxi as the demonstration draws them: approximate town centres, WGS 84. Not a gazetteer. */
export interface County {
  readonly id: string;
  /** GB/T 2260 code. */
  readonly code: string;
  readonly nameEn: string;
  readonly nameZh: string;
  readonly lonDeg: number;
  readonly latDeg: number;
  /** Share of the fleet that stands here; shares sum to 1. */
  readonly weight: number;
  /** Mean height of the town above sea level, metres: air pressure and temperature follow it. */
  readonly heightM: number;
}

/** West, south, east, north in degrees: every place of the demonstration lies inside. */
export const CITY_BOUNDS = [103.4, 34.1, 105.7, 36.1] as const;

export const COUNTIES: readonly County[] = [
  county('anding', '621102', 'Anding', '安定区', 104.61, 35.58, 0.27, 1900),
  county('longxi', '621122', 'Longxi', '陇西县', 104.63, 35.0, 0.23, 1750),
  county('lintao', '621124', 'Lintao', '临洮县', 103.86, 35.39, 0.17, 1900),
  county('min', '621126', 'Min', '岷县', 104.03, 34.44, 0.1, 2320),
  county('tongwei', '621121', 'Tongwei', '通渭县', 105.24, 35.21, 0.09, 1770),
  county('weiyuan', '621123', 'Weiyuan', '渭源县', 104.21, 35.14, 0.08, 2090),
  county('zhang', '621125', 'Zhang', '漳县', 104.47, 34.85, 0.06, 1860),
];

function county(
  id: string,
  code: string,
  nameEn: string,
  nameZh: string,
  lonDeg: number,
  latDeg: number,
  weight: number,
  heightM: number,
): County {
  return { id, code, nameEn, nameZh, lonDeg, latDeg, weight, heightM };
}

/** The county with that id; a wrong id is our own mistake. */
export function countyOf(id: string): County {
  const found = COUNTIES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`No county "${id}"`);
  return found;
}

/** The county whose town is nearest. Degrees, WGS 84. */
export function nearestCounty(lonDeg: number, latDeg: number): County {
  const squared = (one: County) => ((one.lonDeg - lonDeg) * 0.82) ** 2 + (one.latDeg - latDeg) ** 2;
  return COUNTIES.reduce((best, one) => (squared(one) < squared(best) ? one : best));
}

/** Shares `total` among the counties by weight, whole numbers, by largest remainder. */
export function apportion(total: number): ReadonlyMap<County, number> {
  const exact = COUNTIES.map((one) => ({ one, share: one.weight * total }));
  const given = new Map(exact.map(({ one, share }) => [one, Math.floor(share)]));
  const left = total - [...given.values()].reduce((sum, n) => sum + n, 0);
  const byRemainder = exact.toSorted((a, b) => (b.share % 1) - (a.share % 1));
  for (const { one } of byRemainder.slice(0, left)) given.set(one, given.get(one)! + 1);
  return given;
}
