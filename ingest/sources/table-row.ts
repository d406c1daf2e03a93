import type {
  DatasetDeclaration,
  DecodeContext,
  EpochMs,
  Item,
  Rejection,
  TableMapping,
} from '../model/index.ts';
import type { PlaceReader } from './table-place.ts';
import type { Cell, Row } from './table-rows.ts';

/** What every row of a chunk is read with. */
export interface TableReader {
  readonly mapping: TableMapping;
  readonly dataset: DatasetDeclaration;
  readonly context: DecodeContext;
  readonly places: PlaceReader;
  readonly receivedAt: EpochMs;
}

/** A row behind the few questions that mappings and rules ask. */
export class TableRow {
  readonly #row: Row;
  constructor(row: Row) {
    this.#row = row;
  }

  /** A cell as text; undefined where it holds no value. */
  text(column: string): string | undefined {
    const cell = this.#row.cells.get(column);
    return cell === undefined || cell === null ? undefined : typeof cell === 'string' ? cell : String(cell);
  }

  cell(column: string): Cell {
    return this.#row.cells.get(column) ?? null;
  }

  get geometry(): unknown {
    return this.#row.geometry;
  }
}

/** What a row became: items, and why some of its readings are none. */
export interface RowOutcome {
  readonly items: readonly Item[];
  readonly rejections: readonly Rejection[];
}
