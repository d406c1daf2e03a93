/** Codes the rows of any table: told the header once, then the cells of the columns it asks for, batch by batch. */
import { isGeographic } from '../../grid/index.ts';
import type { Refusal } from './coding-error.ts';
import { type DecodedCode, decodeCode, isRefusal } from './decode-code.ts';
import { encodeRows } from './encode-rows.ts';
import type { DecodeTask, EncodeTask, FileTask, RefusedRow } from './file-task.ts';
import { findColumn, freeName } from './find-columns.ts';
import { checkHeightName } from './height-column.ts';
import { needsHeight } from './plan.ts';
import { readNumber } from './read-number.ts';

/** What a table cell may be here. */
export type CellValue = string | number | null | undefined;
/** A cell that is added; null stays empty. */
export type AddedCell = string | number | null;

export interface RowCoder {
  /** Indices of the columns that are read, in the order in which `code` wants their cells. */
  readonly inputs: readonly number[];
  readonly columns: Readonly<Record<string, string>>;
  /** Names of the columns that are added; the last holds the reason of a refused row. */
  readonly added: readonly string[];
  /**
   * @param cells - By input column, then by row; shape (inputs, n).
   * @param known - Rows that are refused already.
   * @returns Cells by row, then by added column; shape (n, added).
   */
  code(cells: readonly (readonly CellValue[])[], known?: readonly (Refusal | undefined)[]): AddedCell[][];
  readonly account: RowAccount;
}

/** Refused rows that are told one by one. */
const FIRST_REFUSED = 20;
const REASON = 'code_error';

/** Counts rows, and keeps the first refusals for people. */
export class RowAccount {
  rows = 0;
  refused = 0;
  readonly refusals: Record<string, number> = {};
  readonly firstRefused: RefusedRow[] = [];

  add(refusals: readonly (Refusal | undefined)[]): void {
    for (const refusal of refusals) {
      this.rows += 1;
      if (refusal === undefined) continue;
      this.refused += 1;
      this.refusals[refusal.code] = (this.refusals[refusal.code] ?? 0) + 1;
      if (this.firstRefused.length < FIRST_REFUSED) this.firstRefused.push({ row: this.rows, ...refusal });
    }
  }
}

/** @throws {CodingError} `columns-unclear`. */
export function rowCoder(task: FileTask, header: readonly string[], account = new RowAccount()): RowCoder {
  return task.direction === 'encode' ? encoderOf(task, header, account) : decoderOf(task, header, account);
}

function encoderOf(task: EncodeTask, header: readonly string[], account: RowAccount): RowCoder {
  const plane = !isGeographic(task.plan.reference.datum);
  const inputs = [findColumn('lon', header, task.lon, plane), findColumn('lat', header, task.lat, plane)];
  if (needsHeight(task.plan)) {
    const height = findColumn('height', header, task.height);
    checkHeightName(task.plan, header[height]!);
    inputs.push(height);
  }
  const code = positionCoder(task, account);
  return {
    inputs,
    columns: namesOf(['lon', 'lat', 'height'], inputs, header),
    added: addedNames(encodedNames(task), header),
    account,
    code: (cells, known) => {
      const [x, y, height] = cells;
      return code(x!, y!, height, known);
    },
  };
}

/** Positions by row to added cells by row; also for files without columns. */
export function positionCoder(task: EncodeTask, account: RowAccount) {
  const { plan } = task;
  return (
    x: readonly CellValue[],
    y: readonly CellValue[],
    height: readonly CellValue[] | undefined,
    known: readonly (Refusal | undefined)[] = [],
  ): AddedCell[][] => {
    const rows = x.length;
    const refusals: (Refusal | undefined)[] = new Array(rows);
    for (let i = 0; i < rows; i += 1) refusals[i] = known[i];
    const heightM = needsHeight(plan)
      ? numbers('Height', height ?? [], rows, refusals)
      : new Float64Array(rows);
    const positions = {
      x: numbers('Longitude or easting', x, rows, refusals),
      y: numbers('Latitude or northing', y, rows, refusals),
      heightM,
    };
    const coded = encodeRows(plan, positions, refusals);
    account.add(coded.refusals);
    return Array.from({ length: rows }, (_, i) => {
      const cells: AddedCell[] = [];
      for (const { codes, ids } of coded.columns) {
        const code = codes[i]! === '' ? null : codes[i]!;
        cells.push(code);
        if (task.ids === true) cells.push(code === null ? null : String(ids[i]));
      }
      cells.push(reasonOf(coded.refusals[i]));
      return cells;
    });
  };
}

function numbers(
  what: string,
  cells: readonly CellValue[],
  rows: number,
  refusals: (Refusal | undefined)[],
): Float64Array {
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i += 1) {
    const value = readNumber(cells[i]);
    values[i] = value ?? Number.NaN;
    if (value !== undefined && !Number.isNaN(value)) continue;
    refusals[i] ??=
      value === undefined
        ? { code: 'value-missing', message: `${what} is empty` }
        : {
            code: 'value-invalid',
            message: `${what} is "${String(cells[i]).slice(0, 40)}": a number is wanted`,
          };
  }
  return values;
}

const PLACE = ['lon', 'lat', 'level', 'centre_lon', 'centre_lat', 'west', 'south', 'east', 'north'];

function decoderOf(task: DecodeTask, header: readonly string[], account: RowAccount): RowCoder {
  const { plan } = task;
  const inputs = [findColumn('code', header, task.code)];
  const high = plan.dggrs === 'beidou3d';
  const names = decodedNames(plan);
  return {
    inputs,
    columns: namesOf(['code'], inputs, header),
    added: addedNames(names, header),
    account,
    code(cells, known = []) {
      const decoded = cells[0]!.map((cell, i) => known[i] ?? decodeCell(plan, cell));
      account.add(decoded.map((one) => (isRefusal(one) ? one : undefined)));
      return decoded.map((one) =>
        isRefusal(one) ? [...names.slice(1).map(() => null), reasonOf(one)] : placeCells(one, high),
      );
    },
  };
}

function decodeCell(plan: DecodeTask['plan'], cell: CellValue): DecodedCode | Refusal {
  const text = cell === null || cell === undefined ? '' : String(cell).trim();
  return text === '' ? { code: 'value-missing', message: 'Code is empty' } : decodeCode(plan, text);
}

function placeCells({ anchor, level, centre, bounds, height }: DecodedCode, high: boolean): AddedCell[] {
  const place = [...anchor, level, ...centre, ...bounds];
  return high ? [...place, height!.floorM, height!.topM, null] : [...place, null];
}

function reasonOf(refusal: Refusal | undefined): string | null {
  return refusal === undefined ? null : `${refusal.code}: ${refusal.message}`;
}

/** Names of the columns that encoding adds, where none of them is taken; the last holds the reason. */
export function encodedNames({ plan, ids }: EncodeTask): readonly string[] {
  return [...plan.codes.flatMap(({ name }) => (ids === true ? [name, `${name}_id`] : [name])), REASON];
}

/** Names of the columns that decoding adds, where none of them is taken; the last holds the reason. */
export function decodedNames({ dggrs }: DecodeTask['plan']): readonly string[] {
  return dggrs === 'beidou3d' ? [...PLACE, 'floor_m', 'top_m', REASON] : [...PLACE, REASON];
}

/** The names, with a number behind those that are taken or stand twice. */
export function freeNames(wanted: readonly string[], taken: ReadonlySet<string>): string[] {
  const known = new Set(taken);
  return wanted.map((name) => {
    const free = freeName(name, known);
    known.add(free);
    return free;
  });
}

function addedNames(wanted: readonly string[], header: readonly string[]): string[] {
  return freeNames(wanted, new Set(header.map((name) => name.trim())));
}

function namesOf(parts: readonly string[], inputs: readonly number[], header: readonly string[]) {
  return Object.fromEntries(inputs.map((column, i) => [parts[i]!, header[column]!.trim()]));
}
