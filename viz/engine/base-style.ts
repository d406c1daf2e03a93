/** The base map: the city's own outlines on a plain ground. Local only: no tiles, no glyphs, no sprites. */
import type { StyleSpecification } from 'maplibre-gl';
import { cssColour, type MapPalette } from '../theme/tokens.ts';

const EMPTY = { type: 'FeatureCollection' as const, features: [] };

/** @param outlines - GeoJSON FeatureCollection of polygons. @param bounds - [west, south, east, north]. */
export function baseStyle(
  outlines: unknown,
  bounds: readonly [number, number, number, number],
  palette: MapPalette,
  wall: number,
): StyleSpecification {
  const land = (outlines ?? EMPTY) as GeoJSON.FeatureCollection;
  return {
    version: 8,
    sources: {
      outlines: { type: 'geojson', data: land },
      graticule: { type: 'geojson', data: graticule(bounds) },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': cssColour(palette.sea) } },
      {
        id: 'graticule',
        type: 'line',
        source: 'graticule',
        paint: { 'line-color': cssColour(palette.graticule), 'line-width': wall },
      },
      { id: 'land', type: 'fill', source: 'outlines', paint: { 'fill-color': cssColour(palette.land) } },
      {
        id: 'county-line',
        type: 'line',
        source: 'outlines',
        layout: { 'line-join': 'round' },
        paint: {
          'line-color': cssColour(palette.countyLine),
          'line-width': ['interpolate', ['linear'], ['zoom'], 7, wall, 13, 2 * wall],
          'line-dasharray': [3, 2],
        },
      },
    ],
  };
}

/** Half-degree lines some way beyond the city: the eye keeps a sense of scale and north at any zoom. */
function graticule([w, s, e, n]: readonly [number, number, number, number]): GeoJSON.FeatureCollection {
  const step = 0.5;
  const beyond = 4;
  const lines: [number, number][][] = [];
  const [x0, x1] = [Math.floor(w - beyond), Math.ceil(e + beyond)];
  const [y0, y1] = [Math.floor(s - beyond), Math.ceil(n + beyond)];
  for (let x = x0; x <= x1; x += step)
    lines.push([
      [x, y0],
      [x, y1],
    ]);
  for (let y = y0; y <= y1; y += step)
    lines.push([
      [x0, y],
      [x1, y],
    ]);
  return {
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', properties: {}, geometry: { type: 'MultiLineString', coordinates: lines } },
    ],
  };
}
