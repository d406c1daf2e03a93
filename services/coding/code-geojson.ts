/** A GeoJSON file with properties added to every feature; everything else keeps its bytes. */
import { open } from 'node:fs/promises';
import { GRIDS, isGridError } from '../../grid/index.ts';
import { CodingError, type Refusal } from './coding-error.ts';
import { type FeaturePlace, featurePlace } from './feature-place.ts';
import { FeatureScanner } from './feature-scanner.ts';
import type { DecodeTask, EncodeTask, FileSummary, FileTask, OnProgress } from './file-task.ts';
import { checkHeightName } from './height-column.ts';
import { readObject } from './json-members.ts';
import { withProperties } from './json-splice.ts';
import { needsHeight } from './plan.ts';
import {
  type AddedCell,
  type CellValue,
  decodedNames,
  encodedNames,
  freeNames,
  positionCoder,
  RowAccount,
  rowCoder,
} from './row-coder.ts';
import { takenNames } from './taken-names.ts';

const BLOCK_BYTES = 256 * 1024;
/** Zones of one feature's cover that are listed. A county at a coarse level; more belongs into a store, not into a property. */
export const MAX_COVER_ZONES = 10_000;

/** A feature under way. */
interface Feature {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/** @throws {CodingError} `file-invalid`, `columns-unclear`. */
export async function codeGeojson(
  input: string,
  output: string,
  task: FileTask,
  onProgress: OnProgress,
): Promise<FileSummary> {
  const account = new RowAccount();
  const taken = await takenNames(input, wantedNames(task));
  const coder =
    task.direction === 'encode' ? featureEncoder(task, account, taken) : featureDecoder(task, account, taken);
  const scanner = new FeatureScanner();
  const from = await open(input, 'r');
  const to = await open(output, 'w', 0o600);
  try {
    let offset = 0;
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await from.read(block, 0, BLOCK_BYTES, offset);
      if (bytesRead === 0) break;
      offset += bytesRead;
      const pieces = scanner.push(block.subarray(0, bytesRead));
      const coded = coder.code(pieces.flatMap((piece) => ('feature' in piece ? [piece.feature] : [])));
      let next = 0;
      const out = pieces.map((piece) => ('feature' in piece ? Buffer.from(coded[next++]!) : piece.around));
      await to.appendFile(Buffer.concat(out));
      await onProgress({ rows: account.rows, refused: account.refused, bytesRead: offset });
    }
    const { document } = scanner.end();
    if (document !== undefined) await to.appendFile(coder.code([singleFeature(document)])[0]!);
    const { rows, refused, refusals, firstRefused } = account;
    return {
      rows,
      refused,
      refusals,
      firstRefused,
      bytesRead: offset,
      columns: coder.columns,
      added: coder.added,
    };
  } finally {
    await from.close();
    await to.close();
  }
}

function singleFeature(document: Buffer): string {
  const text = document.toString('utf8').trim();
  const value = readObject(text)?.members;
  if (value?.type === 'Feature') return text;
  throw new CodingError('file-invalid', 'The document is neither a GeoJSON FeatureCollection nor a Feature');
}

/** Names of the members that are added, before those that are taken have their number. */
function wantedNames(task: FileTask): readonly string[] {
  if (task.direction === 'decode') return decodedNames(task.plan);
  const cover = task.cover === undefined ? [] : [coverName(task.cover)];
  return [...encodedNames(task), ...cover];
}

interface FeatureCoder {
  readonly columns: Readonly<Record<string, string>>;
  readonly added: readonly string[];
  code(features: readonly string[]): string[];
}

function read(text: string): Feature {
  return { text, value: readObject(text)?.members };
}

function propertiesOf(value: Feature['value']): Readonly<Record<string, unknown>> {
  const properties = value?.properties;
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {};
}

function featureEncoder(task: EncodeTask, account: RowAccount, taken: ReadonlySet<string>): FeatureCoder {
  const { plan, cover } = task;
  if (task.height !== undefined) checkHeightName(plan, task.height);
  // Geometries are converted one by one: what is coded is in the grids' datum already.
  const inGridDatum: EncodeTask = {
    ...task,
    plan: { ...plan, reference: { ...plan.reference, datum: 'cgcs2000' } },
  };
  const code = positionCoder(inGridDatum, account);
  const added = freeNames(wantedNames(task), taken);
  const names = cover === undefined ? added : added.slice(0, -1);
  const high = needsHeight(plan);
  return {
    columns: high && task.height !== undefined ? { height: task.height } : {},
    added,
    code(texts) {
      const features = texts.map(read);
      const places = features.map(({ value }) => placeOf(value, plan.reference));
      const known = places.map((place) => ('code' in place ? place : undefined));
      const cells = code(
        places.map((place) => ('code' in place ? undefined : place.lonDeg)),
        places.map((place) => ('code' in place ? undefined : place.latDeg)),
        places.map((place, i) => ('code' in place ? undefined : heightOf(task, features[i]!.value, place))),
        known,
      );
      return features.map(({ text }, i) => {
        const place = places[i]!;
        const members = membersOf(names, cells[i]!);
        if (cover === undefined || 'code' in place) return withProperties(text, members);
        return withProperties(text, `${members},${JSON.stringify(added.at(-1))}:${coverOf(cover, place)}`);
      });
    },
  };
}

function placeOf(
  value: Feature['value'],
  reference: EncodeTask['plan']['reference'],
): FeaturePlace | Refusal {
  if (value === undefined) return { code: 'malformed', message: 'The feature is not a JSON object' };
  return featurePlace(value.geometry, reference);
}

/** The named property, else the third coordinate of a point. */
function heightOf(task: EncodeTask, value: Feature['value'], place: FeaturePlace): CellValue {
  if (task.height === undefined) return place.height;
  const height = propertiesOf(value)[task.height];
  return typeof height === 'number' || typeof height === 'string' ? height : undefined;
}

function coverName({ dggrs, level }: { readonly dggrs: string; readonly level: number }): string {
  return `${dggrs}_${level}_cover`;
}

/** A list of codes, or null where there would be too many. */
function coverOf({ dggrs, level }: NonNullable<EncodeTask['cover']>, place: FeaturePlace): string {
  if (dggrs === 'beidou3d') return 'null';
  const grid = GRIDS[dggrs];
  try {
    const zones = grid.cover(place.geometry, level, MAX_COVER_ZONES);
    return JSON.stringify(grid.formatBatch(BigUint64Array.from(zones), level));
  } catch (error) {
    if (isGridError(error)) return 'null';
    throw error;
  }
}

function featureDecoder(task: DecodeTask, account: RowAccount, taken: ReadonlySet<string>): FeatureCoder {
  const name = task.code ?? 'code';
  const coder = rowCoder({ ...task, code: name }, [...new Set([name, ...taken])], account);
  return {
    columns: { code: name },
    added: coder.added,
    code(texts) {
      const features = texts.map(read);
      const codes = features.map(({ value }) => {
        const code = propertiesOf(value)[name];
        return typeof code === 'string' ? code : undefined;
      });
      const cells = coder.code([codes]);
      return features.map(({ text }, i) => withProperties(text, membersOf(coder.added, cells[i]!)));
    },
  };
}

/** The reason is only there where there is one. */
function membersOf(names: readonly string[], cells: readonly AddedCell[]): string {
  return names
    .map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(cells[i] ?? null)}`)
    .filter((_, i) => i < names.length - 1 || cells[i] !== null)
    .join(',');
}
