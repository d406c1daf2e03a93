/** Declared shapes as solids, and buildings as their parts. */
import { GridError } from '../errors.ts';
import { representativePoint } from '../geometry/point-in-geometry.ts';
import { representativeOfSolid } from '../solid/representative-solid.ts';
import { checkMeasure, type ExtrudedSolid, groundAt, type Solid } from '../solid/solid-shape.ts';
import type { BuildingShape, CityEntity, DuctShape, PipeShape, Storey } from './city-entity.ts';
import type { EntityLayer } from './entity-class.ts';

/** Most storeys of a building, up or down: far above any that stands, and a bound on what one record can ask for. */
const STOREYS_MAX = 300;
/** A part of a building: storey F, basement B, any other P, numbered from 1. */
export const PART = /^[FBP][1-9][0-9]{0,3}$/;

/** A part of a building as a solid. */
export interface SolidPart {
  readonly part: string;
  /** Underground where its top does not rise above the ground. */
  readonly layer: EntityLayer;
  readonly solid: ExtrudedSolid;
}

/** The room an entity takes: one solid, or its parts. Heights are absolute. */
export interface EntitySolids {
  readonly whole: readonly Solid[];
  readonly parts: readonly SolidPart[];
  /** The position whose zone names the entity; undefined for an empty geometry. */
  readonly place: readonly [lonDeg: number, latDeg: number, heightM: number] | undefined;
}

/** @throws {GridError} `entity-invalid`, `geometry-invalid`. */
export function solidsOf({ shape, groundM }: CityEntity): EntitySolids {
  switch (shape.kind) {
    case 'building':
      return buildingSolids(shape, groundM);
    case 'pipe':
      return one(pipeSolid(shape, groundM));
    case 'duct':
      return one(ductSolid(shape, groundM));
    case 'strip': {
      const { line, widthM, fromM = 0, toM = 0 } = shape;
      return one({ kind: 'strip', line, widthM, fromM, toM, groundM });
    }
    case 'area': {
      const { area, fromM = 0, toM = 0 } = shape;
      return one({ kind: 'draped', area, fromM, toM, groundM });
    }
    case 'object': {
      const { position, heightM, fromM = 0, radiusM = 0 } = shape;
      return one({ kind: 'strip', line: [position], widthM: 2 * radiusM, fromM, toM: heightM, groundM });
    }
    default:
      return one(shape.solid);
  }
}

function one(solid: Solid): EntitySolids {
  return { whole: [solid], parts: [], place: representativeOfSolid(solid) };
}

function buildingSolids(
  { footprint, heightM, storeys }: BuildingShape,
  ground: CityEntity['groundM'],
): EntitySolids {
  const middle = representativePoint(footprint);
  if (middle === undefined) return { whole: [], parts: [], place: undefined };
  const groundM = groundAt(ground, ...middle);
  if (storeys === undefined) {
    if (heightM === undefined)
      throw new GridError('entity-invalid', 'Cannot code a building without height: give heightM or storeys');
    const solid: Solid = {
      kind: 'extruded',
      footprint,
      floorM: groundM,
      topM: groundM + checkMeasure('height', heightM),
    };
    return { whole: [solid], parts: [], place: [...middle, groundM] };
  }
  const list = 'count' in storeys ? equalStoreys(storeys) : storeys;
  const parts = list.map((storey): SolidPart => {
    if (!PART.test(storey.part)) {
      throw new GridError(
        'entity-invalid',
        `Cannot name a part "${storey.part}": must be F, B or P and a number from 1`,
      );
    }
    checkMeasure('storey height', storey.topM - storey.floorM);
    const floorM = groundM + storey.floorM;
    return {
      part: storey.part,
      layer: storey.topM <= 0 ? 'underground' : 'above',
      solid: {
        kind: 'extruded',
        footprint: storey.footprint ?? footprint,
        floorM,
        topM: groundM + storey.topM,
      },
    };
  });
  if (parts.length === 0) throw new GridError('entity-invalid', 'Cannot code a building of no storeys');
  if (new Set(list.map(({ part }) => part)).size !== list.length)
    throw new GridError('entity-invalid', 'Cannot code a building with two parts of one name');
  // A building is named by the zone its ground lies in: the name stays when storeys are added. One on stilts, by its lowest floor.
  const lowest = Math.min(...parts.map(({ solid }) => solid.floorM));
  const highest = Math.max(...parts.map(({ solid }) => solid.topM));
  return {
    whole: parts.map(({ solid }) => solid),
    parts,
    place: [...middle, Math.min(highest, Math.max(lowest, groundM))],
  };
}

function equalStoreys(
  storeys: Exclude<BuildingShape['storeys'], undefined | readonly Storey[]>,
): readonly Storey[] {
  const { count, heightM, basements = 0, basementHeightM = heightM } = storeys;
  for (const number of [count, basements]) {
    if (!Number.isInteger(number) || number < 0 || number > STOREYS_MAX)
      throw new GridError(
        'entity-invalid',
        `Cannot count ${number} storeys: must be a whole number 0..${STOREYS_MAX}`,
      );
  }
  const up = Array.from({ length: count }, (_, n) => ({
    part: `F${n + 1}`,
    floorM: n * heightM,
    topM: (n + 1) * heightM,
  }));
  const down = Array.from({ length: basements }, (_, n) => ({
    part: `B${n + 1}`,
    floorM: -(n + 1) * basementHeightM,
    topM: -n * basementHeightM,
  }));
  return [...down.reverse(), ...up];
}

function pipeSolid(pipe: PipeShape, groundM: CityEntity['groundM']): Solid {
  const inside = checkMeasure('diameter', pipe.diameterMm) / 2000;
  const outside = inside + checkMeasure('wall', pipe.wallMm ?? 0) / 1000;
  const belowM = { crown: outside, centreline: 0, invert: -inside }[pipe.measuredTo];
  if (pipe.depthM === undefined) return { kind: 'pipe', line: raised(pipe.line, -belowM), radiusM: outside };
  const add = (depth: number): number => depth + belowM;
  const depthM = typeof pipe.depthM === 'number' ? add(pipe.depthM) : pipe.depthM.map(add);
  return { kind: 'pipe', line: pipe.line, radiusM: outside, depthM, groundM };
}

/** Positions with heights, raised; one without a height stays without, and is refused where it is read. */
function raised(line: PipeShape['line'], byM: number): PipeShape['line'] {
  return line.map((position) => {
    const [lon, lat, height] = position;
    return height === undefined ? position : [lon!, lat!, height + byM];
  });
}

function ductSolid(duct: DuctShape, ground: CityEntity['groundM']): Solid {
  const heightM = checkMeasure('height', duct.heightMm) / 1000;
  const widthM = checkMeasure('width', duct.widthMm) / 1000;
  const topM = { crown: 0, centreline: heightM / 2, invert: heightM }[duct.measuredTo];
  const { depthM } = duct;
  if (depthM === undefined)
    return { kind: 'strip', line: duct.line, widthM, fromM: topM - heightM, toM: topM };
  if (typeof depthM !== 'number' && depthM.length !== duct.line.length) {
    throw new GridError(
      'geometry-invalid',
      `Cannot read a duct of ${duct.line.length} vertices and ${depthM.length} depths: give one depth, or one for each vertex`,
    );
  }
  const line = duct.line.map(([lon, lat], n) => {
    const depth = typeof depthM === 'number' ? depthM : depthM[n]!;
    return [lon!, lat!, groundAt(ground, lon!, lat!) - depth];
  });
  return { kind: 'strip', line, widthM, fromM: topM - heightM, toM: topM };
}
