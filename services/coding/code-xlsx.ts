/**
 * An XLSX file with columns added. Values and their types come through (text, numbers, dates, booleans; of a formula its last value);
 * styles, widths, merged cells, comments and pictures do not: the file is written anew.
 */
import { stat } from 'node:fs/promises';
import readXlsxFile from 'read-excel-file/node';
import writeXlsxFile from 'write-excel-file/node';
import { CodingError, isCodingError } from './coding-error.ts';
import type { FileSummary, FileTask, OnProgress } from './file-task.ts';
import { type AddedCell, type CellValue, type RowCoder, rowCoder } from './row-coder.ts';
import { unpackedBytes } from './zip-sizes.ts';

/**
 * Largest workbook taken, packed and unpacked, bytes. It is held whole: at the limit (500,000 rows of 6 columns, 125 MB unpacked) 1.8 GB
 * of memory were measured.
 */
export const MAX_XLSX_BYTES = 64 * 1024 * 1024;
export const MAX_XLSX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** The header stands in one of the first rows: titles often stand above it. */
const HEADER_ROWS = 10;
/** Columns a sheet can have (ECMA-376: XFD is the last). A lost cell in the last one makes a sheet as wide. */
const MAX_SHEET_COLUMNS = 16_384;
/** Rows coded between two reports. */
const BATCH_ROWS = 5000;

type Cell = string | number | boolean | Date | null;
interface Sheet {
  readonly sheet: string;
  readonly data: Cell[][];
}
/** A cell as it is written. */
interface WrittenCell {
  readonly value: string | number | boolean | Date;
  readonly type: StringConstructor | NumberConstructor | BooleanConstructor | DateConstructor;
  readonly format?: string;
}

/** @throws {CodingError} `file-invalid`, `too-large`, `columns-unclear`, `height-undeclared`. */
export async function codeXlsx(
  input: string,
  output: string,
  task: FileTask,
  onProgress: OnProgress,
): Promise<FileSummary> {
  const { size } = await stat(input);
  await checkSize(input, size);
  const sheets = await readSheets(input);
  const found = findTable(task, sheets);
  const { sheet, header, coder } = found;
  const width = sheet.data.reduce((most, row) => Math.max(most, row.length), 0);
  if (width + coder.added.length > MAX_SHEET_COLUMNS)
    throw new CodingError(
      'too-large',
      `The sheet "${sheet.sheet}" has ${width} columns: behind them is no room for codes, a sheet has ${MAX_SHEET_COLUMNS} at most`,
    );
  const rows = sheet.data.slice(header + 1);
  const added: AddedCell[][] = [];
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    added.push(...codeBatch(coder, rows.slice(from, from + BATCH_ROWS)));
    const done = Math.round((size * Math.min(rows.length, from + BATCH_ROWS)) / Math.max(1, rows.length));
    await onProgress({ rows: coder.account.rows, refused: coder.account.refused, bytesRead: done });
  }
  const written = sheets.map((one) => ({
    sheet: one.sheet,
    data:
      one === sheet ? coded(one, header, coder, added, width) : one.data.map((row) => row.map(writtenCell)),
  }));
  await writeXlsxFile(written).toFile(output);
  const { rows: count, refused, refusals, firstRefused } = coder.account;
  return {
    rows: count,
    refused,
    refusals,
    firstRefused,
    bytesRead: size,
    columns: coder.columns,
    added: coder.added,
    sheet: sheet.sheet,
  };
}

async function checkSize(input: string, size: number): Promise<void> {
  if (size > MAX_XLSX_BYTES)
    throw new CodingError(
      'too-large',
      `A workbook is at most ${MAX_XLSX_BYTES} bytes: save the sheet as CSV`,
    );
  const unpacked = await unpackedBytes(input);
  if (unpacked === undefined)
    throw new CodingError('file-invalid', 'The file is not an XLSX workbook: save it as .xlsx');
  if (unpacked > MAX_XLSX_UNPACKED_BYTES)
    throw new CodingError(
      'too-large',
      `A workbook is at most ${MAX_XLSX_UNPACKED_BYTES} bytes unpacked: save the sheet as CSV`,
    );
}

async function readSheets(input: string): Promise<readonly Sheet[]> {
  try {
    const sheets: unknown = await readXlsxFile(input, { trim: false });
    return sheets as readonly Sheet[];
  } catch (error) {
    throw new CodingError(
      'file-invalid',
      `The workbook cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

interface Found {
  readonly sheet: Sheet;
  /** Index of the row that names the columns. */
  readonly header: number;
  readonly coder: RowCoder;
}

/** The first sheet, and the first row in it, that names the columns. */
function findTable(task: FileTask, sheets: readonly Sheet[]): Found {
  const candidates = task.sheet === undefined ? sheets : sheets.filter((one) => one.sheet === task.sheet);
  if (candidates.length === 0)
    throw new CodingError(
      'columns-unclear',
      `The sheet "${task.sheet}" is not there: found are ${sheets.map((one) => `"${one.sheet}"`).join(', ')}`,
    );
  let likely: { readonly fault: CodingError; readonly texts: number } | undefined;
  for (const sheet of candidates) {
    for (let header = 0; header < Math.min(HEADER_ROWS, sheet.data.length); header += 1) {
      const row = sheet.data[header]!;
      const names = row.map((cell) => (cell === null ? '' : String(cell)));
      if (names.every((name) => name === '')) continue;
      try {
        return { sheet, header, coder: rowCoder(task, names) };
      } catch (error) {
        // These are the columns, but their heights are not declared.
        if (!isCodingError(error) || error.code === 'height-undeclared') throw error;
        // The row with the most texts is the likely header, and its fault the one worth telling.
        const texts = row.filter((cell) => typeof cell === 'string' && Number.isNaN(Number(cell))).length;
        if (likely === undefined || texts > likely.texts) likely = { fault: error, texts };
      }
    }
  }
  throw likely?.fault ?? new CodingError('columns-unclear', 'The workbook is empty');
}

/** Blank rows are no rows: they get nothing. */
function codeBatch(coder: RowCoder, rows: readonly Cell[][]): AddedCell[][] {
  const full = rows.map((row) => row.some((cell) => cell !== null && cell !== ''));
  const cells = coder.inputs.map((column) =>
    rows.filter((_, i) => full[i]).map((row) => plainCell(row[column])),
  );
  const coded = coder.code(cells);
  let next = 0;
  return full.map((isFull) => (isFull ? coded[next++]! : []));
}

function plainCell(cell: Cell | undefined): CellValue {
  return typeof cell === 'string' || typeof cell === 'number'
    ? cell
    : cell === null || cell === undefined
      ? null
      : String(cell);
}

function coded(sheet: Sheet, header: number, coder: RowCoder, added: readonly AddedCell[][], width: number) {
  return sheet.data.map((row, i) => {
    const cells = i < header ? [] : i === header ? coder.added : added[i - header - 1]!;
    if (cells.length === 0) return row.map(writtenCell);
    const padded = [...row, ...new Array<null>(width - row.length).fill(null)];
    return [...padded, ...cells].map(writtenCell);
  });
}

/** A date without a time of day is shown without one. */
function writtenCell(cell: Cell): WrittenCell | null {
  if (cell === null || cell === '') return null;
  if (typeof cell === 'string') return { value: cell, type: String };
  if (typeof cell === 'number') return { value: cell, type: Number };
  if (typeof cell === 'boolean') return { value: cell, type: Boolean };
  const isDay = cell.getTime() % 86_400_000 === 0;
  return { value: cell, type: Date, format: isDay ? 'yyyy-mm-dd' : 'yyyy-mm-dd hh:mm:ss' };
}
