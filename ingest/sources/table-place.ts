/** Where a row of a table is: its columns or its geometry, read as declared, converted once, with the height it may keep. */
import {
  type CoordinateReference,
  isGeographic,
  parseCoordinateReference,
  positionRefusal,
} from '../../grid/index.ts';
import { declaredGeometry, readGeometry } from '../locate/geometry.ts';
import { ellipsoidalHeightM } from '../locate/height.ts';
import type {
  DatasetDeclaration,
  Datum,
  Geometry,
  HeightReferenceDeclaration,
  TableMapping,
} from '../model/index.ts';
import { readNumber } from '../quality/row-rules.ts';
import type { TableRow } from './table-row.ts';

/** A row's geometry and the datum it is in now. A third coordinate is metres above the ellipsoid. */
export interface RowPlace {
  readonly geometry: Geometry;
  readonly datum: Datum;
}

/** The place of a row, none, or a sentence that says what is wrong with it. */
export type PlaceReader = (row: TableRow) => RowPlace | string | undefined;

type Declared = NonNullable<TableMapping['position']>;

/**
 * How the rows of a mapping are located. Where the mapping declares a reference the place comes out in CGCS2000, otherwise in the
 * dataset's datum, to be converted when it is encoded.
 */
export function placeReader({ position }: TableMapping, dataset: DatasetDeclaration): PlaceReader {
  if (position === undefined) return () => undefined;
  const reference =
    position.reference === undefined ? undefined : parseCoordinateReference(position.reference);
  const datum = reference === undefined ? dataset.datum : 'cgcs2000';
  const heights = position.heightReference ?? dataset.heightReference;
  const readPlace = position.geometry === true ? geometryOf : pointOf;
  return (row) => {
    const read = readPlace(row, position, reference);
    if (read === undefined || typeof read === 'string') return read;
    const geometry = declaredGeometry(read, reference, heights);
    if (typeof geometry === 'string') return geometry;
    const raised =
      position.height === undefined ? geometry : withHeight(geometry, row, position.height, heights);
    return typeof raised === 'string' ? raised : { geometry: raised, datum };
  };
}

function geometryOf(
  row: TableRow,
  _: Declared,
  reference: CoordinateReference | undefined,
): Geometry | string | undefined {
  if (row.geometry === undefined) return undefined;
  return readGeometry(
    row.geometry,
    reference === undefined || isGeographic(reference) ? 'degrees' : 'metres',
  );
}

function pointOf(
  row: TableRow,
  { lon, lat, easting, northing }: Declared,
  reference: CoordinateReference | undefined,
): Geometry | string | undefined {
  const [columnA, columnB] = [lon ?? easting, lat ?? northing];
  if (columnA === undefined || columnB === undefined) return undefined;
  const [textA, textB] = [row.text(columnA), row.text(columnB)];
  if (textA === undefined && textB === undefined) return undefined;
  const a = textA === undefined ? undefined : readNumber(textA);
  const b = textB === undefined ? undefined : readNumber(textB);
  if (reference !== undefined && !isGeographic(reference)) {
    if (a === undefined || b === undefined) {
      return `Position is "${textA ?? ''}", "${textB ?? ''}": easting and northing must be numbers of metres`;
    }
  } else if (a === undefined || b === undefined || Math.abs(a) > 180 || Math.abs(b) > 90) {
    const swapped =
      a !== undefined && b !== undefined && positionRefusal('wgs84', a, b)?.reason === 'swapped';
    const hint = swapped ? '. The two look swapped' : '';
    return `Position is "${textA ?? ''}", "${textB ?? ''}": longitude must be -180..180 and latitude -90..90${hint}`;
  }
  return { type: 'Point', coordinates: [a, b] };
}

/** The height of a column upon a point; lines and areas keep the heights of their own coordinates. */
function withHeight(
  geometry: Geometry,
  row: TableRow,
  column: string,
  reference: HeightReferenceDeclaration | undefined,
): Geometry | string {
  const text = row.text(column);
  if (text === undefined || geometry.type !== 'Point') return geometry;
  const number = readNumber(text);
  if (number === undefined)
    return `Height in "${column}" is "${text.slice(0, 60)}": it must be a number of metres`;
  const heightM = ellipsoidalHeightM(reference, number);
  if (heightM === undefined) {
    return `Height in "${column}" is ${number} m: above the ellipsoid it must be -12000..100000`;
  }
  const [lonDeg, latDeg] = geometry.coordinates;
  return { type: 'Point', coordinates: [lonDeg!, latDeg!, heightM] };
}
