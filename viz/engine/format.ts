/** Numbers, ages and places as text, by language. Pure: no wall clock, no browser locale. */

export type Lang = 'en' | 'zh';

const THIN = '\u2009';
const MINUS = '\u2212';

/** Digits with thin spaces between thousands and a true minus. */
function grouped(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const [whole, part] = text.split('.') as [string, string | undefined];
  const spaced = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN) : whole;
  const sign = value < 0 && Number(text) !== 0 ? MINUS : '';
  return sign + spaced + (part ? `.${part}` : '');
}

/**
 * A figure as shown: 万 and 亿 in Chinese from 10 000 and 100 million, k and M in English from 10 000 and a million;
 * smaller ones in full. The multiplier comes apart, so that it can be set as small as the unit.
 */
export function figureParts(
  value: number,
  digits: number,
  lang: Lang,
): { readonly digits: string; readonly scale: string } {
  const steps: readonly (readonly [number, number, string])[] =
    lang === 'zh'
      ? [
          [1e8, 1e8, '亿'],
          [1e4, 1e4, '万'],
        ]
      : [
          [1e6, 1e6, 'M'],
          [1e4, 1e3, 'k'],
        ];
  for (const [from, unit, name] of steps)
    if (Math.abs(value) >= from) return { digits: grouped(value / unit, 1), scale: name };
  return { digits: grouped(value, digits), scale: '' };
}

/** A number in running text: `12.4k`, `3.2万`, `−4.1`. */
export function number(value: number, digits: number, lang: Lang): string {
  const parts = figureParts(value, digits, lang);
  return parts.digits + parts.scale;
}

/** A whole number in full with thin spaces, for positions and counts that must be read exactly. */
export function integer(value: number): string {
  return grouped(Math.round(value), 0);
}

/** Digits that suit a value whose indicator says nothing: three significant figures, at most two places. */
export function likelyDigits(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return 0;
  return size >= 100 ? 0 : size >= 10 ? 1 : 2;
}

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

/** A length of time in its largest whole unit: `12 s`, `3 min`, `3 天`. */
export function duration(ms: number, lang: Lang): string {
  const t = Math.max(0, ms);
  const [n, en, zh] =
    t < MIN
      ? [Math.floor(t / S), 's', '秒']
      : t < HOUR
        ? [Math.floor(t / MIN), 'min', '分钟']
        : t < 2 * DAY
          ? [Math.floor(t / HOUR), 'h', '小时']
          : [Math.floor(t / DAY), 'd', '天'];
  return `${n}${lang === 'zh' ? `${THIN}${zh}` : `${THIN}${en}`}`;
}

/** How old something is, in words: `12 s`, `3 天前`. A time ahead of the clock counts as now. */
export function age(since: number, now: number, lang: Lang): string {
  const d = now - since;
  if (d < S) return lang === 'zh' ? '刚刚' : 'now';
  return lang === 'zh' ? `${duration(d, lang)}前` : duration(d, lang);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function formatter(timezone: string, shape: 'time' | 'minute' | 'full'): Intl.DateTimeFormat {
  const key = `${timezone} ${shape}`;
  let found = clocks.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      hour: '2-digit',
      minute: '2-digit',
      ...(shape !== 'minute' ? { second: '2-digit' } : {}),
      ...(shape === 'full' ? { year: 'numeric', month: '2-digit', day: '2-digit' } : {}),
      hourCycle: 'h23',
    });
    clocks.set(key, found);
  }
  return found;
}

/** `14:03:27` in the city's zone. */
export function clockTime(ms: number, timezone: string): string {
  return formatter(timezone, 'time').format(ms);
}

/** `14:03` in the city's zone. */
export function minuteTime(ms: number, timezone: string): string {
  return formatter(timezone, 'minute').format(ms);
}

/** `2026-11-22` in the city's zone. */
export function clockDate(ms: number, timezone: string): string {
  const part = Object.fromEntries(
    formatter(timezone, 'full')
      .formatToParts(ms)
      .map((p) => [p.type, p.value]),
  );
  return `${part.year}-${part.month}-${part.day}`;
}

/** `104.6123°E 35.5812°N`: four places are 11 m, what a pointer on a city map can mean. */
export function lonLatText(lon: number, lat: number): string {
  const side = (v: number, plus: string, minus: string): string =>
    `${Math.abs(v).toFixed(4)}°${v < 0 ? minus : plus}`;
  return `${side(lon, 'E', 'W')} ${side(lat, 'N', 'S')}`;
}

/** A BeiDou code in groups as people read them, one group per level: `N48I 13 0 49 ...`. */
export function groupedBeidou(code: string): string {
  const cuts = [4, 6, 7, 9, 11, 12, 14, 16, 18, 20];
  const groups: string[] = [];
  let from = 0;
  for (const to of cuts) {
    if (from >= code.length) break;
    groups.push(code.slice(from, to));
    from = to;
  }
  return groups.join(THIN);
}

/** Square metres as cm², m², hectares or km². */
export function areaText(m2: number): string {
  if (m2 < 1) return `${grouped(m2 * 10_000, m2 < 0.01 ? 2 : 0)}${THIN}cm²`;
  if (m2 < 10_000) return `${grouped(m2, m2 < 100 ? 1 : 0)}${THIN}m²`;
  if (m2 < 1_000_000) return `${grouped(m2 / 10_000, 1)}${THIN}ha`;
  return `${grouped(m2 / 1_000_000, m2 < 1e8 ? 1 : 0)}${THIN}km²`;
}

/** A file's size in decimal units, as file managers show it: `980 B`, `1.2 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${grouped(value, unit === 0 || value >= 99.95 ? 0 : 1)}${THIN}${units[unit]}`;
}
