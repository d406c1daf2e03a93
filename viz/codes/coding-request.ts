/** What a clerk asks for: the form of the table view, what is wrong with it, and the query it becomes. Pure. */

import type { HeightCoding } from '../../grid/index.ts';
import { isGridError, parseHeightReference } from '../../grid/index.ts';

export const CODING_GRIDS = ['beidou2d', 'beidou3d', 'h3'] as const;
export type CodingGrid = (typeof CODING_GRIDS)[number];

/** One code column that is to be added. */
export interface CodeChoice {
  readonly dggrs: CodingGrid;
  readonly level: number;
}

export type HeightAbove = '' | 'ellipsoidal' | 'sea-level' | 'ground';
export type ColumnPart = 'lon' | 'lat' | 'height' | 'code';

export interface CodingForm {
  readonly direction: 'encode' | 'decode';
  readonly codes: readonly CodeChoice[];
  /** Grid of the codes that are decoded. */
  readonly decodes: CodingGrid;
  readonly heightCoding: HeightCoding;
  /** Empty: not chosen yet. Never guessed: the readings differ by tens of metres. */
  readonly heightAbove: HeightAbove;
  /** Undulation or height of the ground in metres, as typed. */
  readonly heightOffset: string;
  /** Names of columns; empty: found by the server. */
  readonly columns: Readonly<Record<ColumnPart, string>>;
}

export const FIRST_FORM: CodingForm = {
  direction: 'encode',
  codes: [
    { dggrs: 'beidou2d', level: 6 },
    { dggrs: 'h3', level: 9 },
  ],
  decodes: 'beidou2d',
  heightCoding: 'annexC',
  heightAbove: '',
  heightOffset: '',
  columns: { lon: '', lat: '', height: '', code: '' },
};

/** Code columns of one table, as the server bounds them. */
export const MAX_CODES = 10;

/** Endings the server takes; what the file chooser offers. */
export const FILE_ENDINGS: readonly string[] = ['.csv', '.tsv', '.txt', '.xlsx', '.geojson', '.json'];

export function levelsOf(dggrs: CodingGrid): readonly number[] {
  const [min, max] = dggrs === 'h3' ? [0, 15] : [1, 10];
  return Array.from({ length: max - min + 1 }, (_, n) => min + n);
}

/** Levels of a grid that no other row of the form has. */
export function freeLevels(codes: readonly CodeChoice[], dggrs: CodingGrid, own = -1): readonly number[] {
  const taken = codes.flatMap((code, i) => (i !== own && code.dggrs === dggrs ? [code.level] : []));
  return levelsOf(dggrs).filter((level) => !taken.includes(level));
}

/** The form with one more code: the next finer level of the last one's grid, else any that is free. */
export function withCode(form: CodingForm): CodingForm {
  const last = form.codes.at(-1) ?? { dggrs: 'beidou2d', level: 5 };
  const grids = [last.dggrs, ...CODING_GRIDS.filter((id) => id !== last.dggrs)];
  for (const dggrs of grids) {
    const free = freeLevels(form.codes, dggrs);
    const level = free.find((each) => each > last.level) ?? free[0];
    if (level !== undefined) return { ...form, codes: [...form.codes, { dggrs, level }] };
  }
  return form;
}

/** The form with one row changed; a level that the new grid lacks or another row has becomes the nearest free one. */
export function withChoice(form: CodingForm, index: number, choice: CodeChoice): CodingForm {
  const free = freeLevels(form.codes, choice.dggrs, index);
  const level = free.reduce(
    (best, each) => (Math.abs(each - choice.level) < Math.abs(best - choice.level) ? each : best),
    free[0] ?? choice.level,
  );
  return { ...form, codes: form.codes.map((code, i) => (i === index ? { ...choice, level } : code)) };
}

/** Is the height of the rows read? */
export function needsHeight({ direction, codes }: CodingForm): boolean {
  return direction === 'encode' && codes.some(({ dggrs }) => dggrs === 'beidou3d');
}

/** Does the reading of height digits matter? */
export function isSolid(form: CodingForm): boolean {
  return form.direction === 'decode' ? form.decodes === 'beidou3d' : needsHeight(form);
}

export function takesFile(name: string): boolean {
  const lower = name.toLowerCase();
  return FILE_ENDINGS.some((ending) => lower.endsWith(ending));
}

/** GeoJSON holds its positions itself: no columns to be named but the height. */
export function isGeojson(name: string): boolean {
  return /\.(geo)?json$/i.test(name);
}

/** Columns that can be named for this form and file. */
export function partsOf(form: CodingForm, name: string): readonly ColumnPart[] {
  if (form.direction === 'decode') return ['code'];
  const height: readonly ColumnPart[] = needsHeight(form) ? ['height'] : [];
  return isGeojson(name) ? height : ['lon', 'lat', ...height];
}

/** Keys of the dictionary for what is still missing; null when it can be sent. */
export type FormProblem = 'file' | 'kind' | 'codes' | 'height' | 'offset';

export function problemOf(form: CodingForm, file: { readonly name: string } | null): FormProblem | null {
  if (file === null) return 'file';
  if (!takesFile(file.name)) return 'kind';
  if (form.direction === 'encode' && form.codes.length === 0) return 'codes';
  if (!needsHeight(form)) return null;
  if (form.heightAbove === '') return 'height';
  return heightReferenceOf(form) === null ? 'offset' : null;
}

/** `sea-level:-32.5`; null where the number is none or out of bounds. */
function heightReferenceOf({ heightAbove, heightOffset }: CodingForm): string | null {
  if (heightAbove === 'ellipsoidal') return heightAbove;
  const typed = heightOffset.trim().replace(/^[\u2212－]/, '-');
  if (typed === '' || !Number.isFinite(Number(typed))) return null;
  try {
    parseHeightReference(`${heightAbove}:${Number(typed)}`);
    return `${heightAbove}:${Number(typed)}`;
  } catch (error) {
    if (isGridError(error)) return null;
    throw error;
  }
}

/**
 * The query of `POST /api/v1/coding/files`.
 *
 * @param reference - Of the coordinates, an id of `parseCoordinateReference`.
 */
export function codingQuery(form: CodingForm, name: string, reference: string): URLSearchParams {
  const q = new URLSearchParams({ name });
  if (form.direction === 'decode') {
    q.set('direction', 'decode');
    q.set('dggrs', form.decodes);
  } else {
    if (reference !== 'cgcs2000') q.set('datum', reference);
    for (const { dggrs, level } of form.codes) q.append('code', `${dggrs}:${level}`);
    const height = needsHeight(form) ? heightReferenceOf(form) : null;
    // Said even where it is the default: the server refuses to guess what "高程" is above.
    if (height !== null) q.set('heightReference', height);
  }
  if (isSolid(form)) q.set('heightCoding', form.heightCoding);
  for (const part of partsOf(form, name)) {
    const column = form.columns[part].trim();
    if (column !== '') q.append(part, column);
  }
  return q;
}
