/**
 * BeiDou reference codes (GB/T 39409-2020 clause 7): a cell told by its distance from one that both sides know, `C0-MN[-M'N'...]`.
 *
 * C0 is the 2D code of the known cell, level 5 or finer. M and N are whole cells of its level along longitude and latitude: `0`..`7` go east
 * and north, `A`..`G` one to seven west and south, in every hemisphere. Each further pair goes one level down: it counts from the corner
 * cell of the cell so far that is nearest the equator and the prime meridian, so east of the prime meridian its first character is a
 * figure and west of it a letter (or 0), and so north and south of the equator with its second. Steps cross the equator, the prime
 * meridian and 180 degrees. Meant for about a kilometre around C0.
 */
import { checkText } from '../checks.ts';
import { GridError } from '../errors.ts';
import {
  type BeidouCell,
  columnsPerSide,
  type OrdinaryCell,
  packCell,
  rowsPerSide,
  unpackCell,
} from './beidou2d-cell.ts';
import { beidouLevel, MAX_LEVEL } from './beidou2d-levels.ts';
import { formatCell, parseCell } from './beidou2d-text.ts';

/** Coarsest level of the known cell: from here on no cell has more than seven others beside it in its parent. */
const MIN_REFERENCE_LEVEL = 5;
/** Farthest step of one pair, cells. */
const REACH = 7;
const FORWARD = '01234567';
const BACKWARD = '0ABCDEFG';

/** A zone and its level. */
export interface BeidouZone {
  readonly zone: bigint;
  readonly level: number;
}

/** A reference code taken apart. */
export interface BeidouReference {
  /** The known cell, C0. */
  readonly from: BeidouZone;
  /** Steps [east, north] in cells: the first at the level of `from`, each further one a level deeper. Each -7..7, at least one pair. */
  readonly steps: readonly (readonly [east: number, north: number])[];
}

/**
 * Reference code of a zone as seen from another.
 * @param from - The known cell, level 5 or finer.
 * @param to - Of the same level or finer, at most seven cells of `from`'s level away along each axis.
 * @throws {GridError} `level-out-of-range`; `polar-unsupported`; `zone-invalid` when it is too far or no zone.
 */
export function formatBeidouReference(from: BeidouZone, to: BeidouZone): string {
  const known = knownCell(unpackCell(from.zone, from.level));
  const target = unpackCell(to.zone, to.level);
  if (target.polar) throw polar();
  if (target.level < known.level) {
    throw new GridError(
      'level-out-of-range',
      `Cannot refer to level ${target.level} from level ${known.level}: must be the same or finer`,
    );
  }
  const path = pathTo(target, known.level);
  const side = columnsPerSide(known.level);
  const wrapped = path[0]!.column - known.column;
  // The short way round.
  const east = wrapped >= side ? wrapped - 2 * side : wrapped < -side ? wrapped + 2 * side : wrapped;
  const north = path[0]!.row - known.row;
  if (Math.abs(east) > REACH || Math.abs(north) > REACH) {
    throw new GridError(
      'zone-invalid',
      `Cannot refer to a zone ${east} cells east, ${north} north of "${formatCell(known)}": must be within ${REACH}`,
    );
  }
  let text = `${formatCell(known)}-${sign(east)}${sign(north)}`;
  for (let n = 1; n < path.length; n += 1) {
    const corner = cornerCell(path[n - 1]!);
    text += `-${sign(path[n]!.column - corner.column)}${sign(path[n]!.row - corner.row)}`;
  }
  return text;
}

/**
 * Takes a reference code apart, without resolving it.
 * @throws {GridError} `zone-invalid` with the reason; `level-out-of-range` for a known cell coarser than level 5, or pairs past level 10;
 *   `polar-unsupported`.
 */
export function parseBeidouReference(text: string): BeidouReference {
  checkText(text);
  const [code, ...pairs] = text.split('-');
  const cell = knownCell(parseCell(code!));
  if (pairs.length === 0) throw refuse(text, 'a pair such as "-10" must follow the code');
  const deepest = cell.level + pairs.length - 1;
  if (deepest > MAX_LEVEL) {
    throw new GridError(
      'level-out-of-range',
      `Cannot parse reference code "${text.slice(0, 60)}": ${pairs.length} pairs from level ${cell.level} reach level ${deepest}, at most ${MAX_LEVEL}`,
    );
  }
  const steps = pairs.map((pair): readonly [number, number] => {
    if (!/^[0-7A-G]{2}$/.test(pair)) {
      throw refuse(text, `pair "${pair.slice(0, 10)}" must be two of 0..7 and A..G`);
    }
    return [unsign(pair[0]!), unsign(pair[1]!)];
  });
  return { from: { zone: packCell(cell), level: cell.level }, steps };
}

/**
 * The zone a reference code names.
 * @throws {GridError} as `parseBeidouReference`; `zone-invalid` when a further pair leaves its parent cell; `polar-unsupported` when
 *   a step passes 88 degrees.
 */
export function resolveBeidouReference(text: string): BeidouZone {
  const { from, steps } = parseBeidouReference(text);
  const known = unpackCell(from.zone, from.level) as OrdinaryCell;
  const side = columnsPerSide(known.level);
  const [east, north] = steps[0]!;
  const row = known.row + north;
  if (row < -rowsPerSide(known.level) || row >= rowsPerSide(known.level)) throw polar();
  const column = ((known.column + east + 3 * side) % (2 * side)) - side;
  let cell: OrdinaryCell = { polar: false, level: known.level, column, row };
  for (const [dx, dy] of steps.slice(1)) {
    const corner = cornerCell(cell);
    const { columns, rows } = beidouLevel(corner.level);
    const next = { ...corner, column: corner.column + dx, row: corner.row + dy };
    const outward = [cell.column < 0 ? -dx : dx, cell.row < 0 ? -dy : dy] as const;
    if (outward[0] < 0 || outward[0] >= columns || outward[1] < 0 || outward[1] >= rows) {
      throw refuse(text, `pair "${sign(dx)}${sign(dy)}" leaves the cell "${formatCell(cell)}"`);
    }
    cell = next;
  }
  return { zone: packCell(cell), level: cell.level };
}

/** The cell and its ancestors down from `level`, coarse first. Columns run through both hemispheres, so each divides by flooring. */
function pathTo(target: OrdinaryCell, level: number): readonly OrdinaryCell[] {
  const path = [target];
  for (let cell = target; cell.level > level; path.unshift(cell)) {
    const { columns, rows } = beidouLevel(cell.level);
    cell = {
      polar: false,
      level: cell.level - 1,
      column: Math.floor(cell.column / columns),
      row: Math.floor(cell.row / rows),
    };
  }
  return path;
}

/** The child nearest the equator and the prime meridian. */
function cornerCell({ column, row, level }: OrdinaryCell): OrdinaryCell {
  const { columns, rows } = beidouLevel(level + 1);
  return {
    polar: false,
    level: level + 1,
    column: column < 0 ? (column + 1) * columns - 1 : column * columns,
    row: row < 0 ? (row + 1) * rows - 1 : row * rows,
  };
}

function knownCell(cell: BeidouCell): OrdinaryCell {
  if (cell.polar) throw polar();
  if (cell.level >= MIN_REFERENCE_LEVEL) return cell;
  throw new GridError(
    'level-out-of-range',
    `Cannot refer from level ${cell.level}: a reference code starts at level ${MIN_REFERENCE_LEVEL} or finer`,
  );
}

function sign(step: number): string {
  return step >= 0 ? FORWARD[step]! : BACKWARD[-step]!;
}

function unsign(char: string): number {
  const back = BACKWARD.indexOf(char, 1);
  return back > 0 ? -back : FORWARD.indexOf(char);
}

function polar(): GridError {
  return new GridError('polar-unsupported', 'Cannot use reference codes at |lat| >= 88 degrees');
}

function refuse(text: string, reason: string): GridError {
  return new GridError('zone-invalid', `Cannot parse reference code "${text.slice(0, 60)}": ${reason}`);
}
