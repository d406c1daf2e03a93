/** What is asked for: which grids at which levels, from what coordinates. Read once from text, then trusted. */
import { GRIDS, type HeightCoding, isDggrsId } from '../../grid/index.ts';
import { CodingError } from './coding-error.ts';
import { type PositionReference, positionReference } from './reference.ts';

/** Grids that code here: the two flat ones, and BeiDou with height. */
export const CODING_GRIDS = ['h3', 'beidou2d', 'beidou3d'] as const;
export type CodingGrid = (typeof CODING_GRIDS)[number];

/** One code column: a grid, its level, and the name the column gets. */
export interface CodeColumn {
  readonly dggrs: CodingGrid;
  readonly level: number;
  /** Default `<dggrs>_<level>`. */
  readonly name: string;
}

/** A whole request to encode. */
export interface EncodePlan {
  readonly codes: readonly CodeColumn[];
  readonly reference: PositionReference;
  readonly heightCoding: HeightCoding;
}

/** A whole request to decode: codes of one grid. */
export interface DecodePlan {
  readonly dggrs: CodingGrid;
  readonly heightCoding: HeightCoding;
}

/** Code columns of one request: a table of ten codes a row is wide enough. */
export const MAX_CODE_COLUMNS = 10;
const MAX_NAME_CHARACTERS = 64;

/** How a plan is written by a caller. */
export interface PlanText {
  /** `beidou2d:10` or `h3:9:name of the column`. */
  readonly codes: readonly string[];
  readonly datum?: string | undefined;
  readonly heightCoding?: string | undefined;
  readonly heightReference?: string | undefined;
}

/** @throws {CodingError} `plan-invalid`, naming what is wrong. */
export function encodePlan(text: PlanText): EncodePlan {
  if (text.codes.length === 0) throw invalid('At least one code is wanted, such as "beidou2d:10"');
  if (text.codes.length > MAX_CODE_COLUMNS)
    throw invalid(`${text.codes.length} codes are asked for: at most ${MAX_CODE_COLUMNS} at once`);
  const codes = text.codes.map(codeColumn);
  const names = new Set(codes.map((code) => code.name));
  if (names.size < codes.length) throw invalid('Two codes would have the same column name');
  return {
    codes,
    reference: positionReference(text),
    heightCoding: heightCodingOf(text.heightCoding),
  };
}

/** @throws {CodingError} `plan-invalid`. */
export function decodePlan(text: {
  readonly dggrs: string;
  readonly heightCoding?: string | undefined;
}): DecodePlan {
  return { dggrs: codingGrid(text.dggrs), heightCoding: heightCodingOf(text.heightCoding) };
}

/** Reads `grid:level` or `grid:level:name`. @throws {CodingError} `plan-invalid`. */
export function codeColumn(text: string): CodeColumn {
  const [grid = '', levelText = '', ...rest] = text.split(':');
  const dggrs = codingGrid(grid);
  const { minLevel, maxLevel } = levelsOf(dggrs);
  const level = /^\d{1,2}$/.test(levelText) ? Number(levelText) : Number.NaN;
  if (!(level >= minLevel && level <= maxLevel))
    throw invalid(`Level "${levelText}" of ${dggrs} must be ${minLevel}..${maxLevel}`);
  const name = rest.join(':').trim() || `${dggrs}_${level}`;
  if (name.length > MAX_NAME_CHARACTERS || /\p{Cc}/u.test(name))
    throw invalid(
      `The column name of ${dggrs}:${level} must be 1 to ${MAX_NAME_CHARACTERS} plain characters`,
    );
  return { dggrs, level, name };
}

/** Reads the `grid:level` of covers, which are flat. @throws {CodingError} `plan-invalid`. */
export function coverColumn(text: string): CodeColumn {
  const column = codeColumn(text);
  if (column.dggrs !== 'beidou3d') return column;
  throw invalid('A cover is of h3 or beidou2d: heights of outlines are not covered');
}

/** Levels a grid has here. */
export function levelsOf(dggrs: CodingGrid): { readonly minLevel: number; readonly maxLevel: number } {
  return isDggrsId(dggrs) ? GRIDS[dggrs] : { minLevel: 1, maxLevel: 10 };
}

/** Is height needed? */
export function needsHeight(plan: EncodePlan): boolean {
  return plan.codes.some((code) => code.dggrs === 'beidou3d');
}

function codingGrid(text: string): CodingGrid {
  const grid = CODING_GRIDS.find((one) => one === text);
  if (grid === undefined)
    throw invalid(`The grid "${text.slice(0, 40)}" must be one of ${CODING_GRIDS.join(', ')}`);
  return grid;
}

function heightCodingOf(text: string | undefined): HeightCoding {
  if (text === undefined || text === 'annexC' || text === 'clause6') return text ?? 'annexC';
  throw invalid(`The height coding "${text.slice(0, 40)}" must be annexC or clause6`);
}

function invalid(message: string): CodingError {
  return new CodingError('plan-invalid', message);
}
