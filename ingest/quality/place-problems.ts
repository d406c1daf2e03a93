/** What is wrong with how a declaration says where its rows are: references, columns, heights. Sentences that name the member. */
import {
  formatCoordinateReference,
  isGeographic,
  isGridError,
  parseCoordinateReference,
  parseHeightReference,
} from '../../grid/index.ts';
import type { DatasetDeclaration, HeightReferenceDeclaration, TableMapping } from '../model/index.ts';

/** Judges the `position` of a mapping against the dataset it delivers to. */
export function placeProblems(
  { id, dataset: datasetId, position }: TableMapping,
  dataset: DatasetDeclaration | undefined,
): readonly string[] {
  if (position === undefined) return [];
  const where = `Mapping "${id}", position`;
  const problems = [
    ...readProblem(`${where}.reference`, position.reference, parseCoordinateReference),
    ...heightReferenceProblems(position.heightReference, `${where}.heightReference`),
  ];
  if (position.height !== undefined && (position.heightReference ?? dataset?.heightReference) === undefined) {
    problems.push(
      `${where}.height names the column "${position.height}" and no heightReference says what it is counted from: declare ellipsoidal, { above: sea-level, undulationM } or { above: ground, groundHeightM }, there or for the dataset "${datasetId}"`,
    );
  }
  // A reference that cannot be read says nothing about the columns.
  return problems.length > 0 ? problems : columnProblems(where, position);
}

/** A height reference that cannot be read. */
export function heightReferenceProblems(
  declared: HeightReferenceDeclaration | undefined,
  where: string,
): string[] {
  return readProblem(where, declared, parseHeightReference);
}

function columnProblems(where: string, position: NonNullable<TableMapping['position']>): string[] {
  const { lon, lat, easting, northing, geometry, reference } = position;
  const problems: string[] = [];
  const plane = reference === undefined ? undefined : parseCoordinateReference(reference);
  const isPlane = plane !== undefined && !isGeographic(plane);
  if (easting !== undefined || northing !== undefined) {
    if (easting === undefined || northing === undefined) {
      const [named, missing] = easting === undefined ? ['northing', 'easting'] : ['easting', 'northing'];
      problems.push(`${where}.${missing} is missing: ${named} is declared`);
    } else if (easting === northing) {
      problems.push(`${where}: easting and northing are both the column "${easting}"`);
    }
    if (lon !== undefined || lat !== undefined || geometry === true) {
      problems.push(`${where}: declare easting and northing, or lon and lat, or geometry: only one of them`);
    }
    if (!isPlane) {
      const now = plane === undefined ? 'missing' : `"${formatCoordinateReference(plane)}", in degrees`;
      problems.push(
        `${where}.reference is ${now}: easting and northing need a plane one, such as gk3-35, gk3-cm105 or EPSG:4544`,
      );
    }
  } else if (isPlane && (lon !== undefined || lat !== undefined)) {
    problems.push(
      `${where}.reference is the plane "${formatCoordinateReference(plane)}": name its columns easting and northing, not lon and lat`,
    );
  }
  return problems;
}

function readProblem(where: string, declared: unknown, read: (declared: unknown) => unknown): string[] {
  if (declared === undefined) return [];
  try {
    read(declared);
    return [];
  } catch (error) {
    if (isGridError(error)) return [`${where}: ${error.message}`];
    throw error;
  }
}
