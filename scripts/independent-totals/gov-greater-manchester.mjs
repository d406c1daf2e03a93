// Places (features: no time, so all in bucket 0, category is the kind of place) and road accidents (events).
import { basename } from 'node:path';
import { london } from './lib/clock.mjs';
import { csvRows } from './lib/csv.mjs';
import { Cube, newAccount } from './lib/cube.mjs';
import { readText } from './lib/files.mjs';
import { pointOnArea } from './lib/outline.mjs';

// File name, dataset, kind, key columns.
const PLACES = [
  ['trafford_schools_and_colleges', 'gm-schools', 'school', ['unique_reference_number']],
  ['gm_hospitals', 'gm-hospitals', 'hospital', ['ID']],
  ['gm_fire_stations', 'gm-fire-stations', 'fire-station', ['ID']],
  ['gm_gambling_premises', 'gm-gambling', 'gambling-premises', ['name', 'activity', 'address', 'postcode']],
  ['trafford_electric_vehicle', 'gm-ev-chargers', 'ev-charger', ['name', 'address', 'connection_type', 'kW']],
  ['trafford_bus_stops', 'gm-bus-stops', 'bus-stop', ['atco_code']],
  ['water_level_monitoring', 'gm-water-stations', 'water-station', ['station_reference']],
  ['gm_pharmacies', 'gm-pharmacies', 'pharmacy', ['organisation_data_service_code']],
  ['trafford_aqma', 'gm-air-quality-area', 'air-quality-area', ['area_code']],
];

export default function totals(files) {
  const results = files.map((file) => {
    if (basename(file).startsWith('gm_road_casualties')) return accidents(file);
    const place = PLACES.find(([name]) => basename(file).startsWith(name));
    if (place === undefined) throw new Error(`no rule for ${basename(file)}`);
    return places(file, ...place.slice(1));
  });
  return { rows: results.flatMap((r) => r.cube.rows()), accounts: results.map((r) => r.account) };
}

function places(file, dataset, kind, keyColumns) {
  const rows = file.endsWith('.geojson')
    ? JSON.parse(readText(file)).features.map((f) => ({ ...f.properties, geometry: f.geometry }))
    : [...csvRows(readText(file))];
  const cube = new Cube(dataset);
  const account = newAccount(dataset);
  const located = rows.map((row) => placeOf(row));
  // One coordinate in more than half of the located rows: the whole delivery waits for a person.
  const counts = new Map();
  for (const place of located) if (place) counts.set(`${place}`, (counts.get(`${place}`) ?? 0) + 1);
  const n = located.filter((place) => place !== undefined).length;
  const constant = !file.endsWith('.geojson') && n >= 15 && Math.max(...counts.values()) / n > 0.5;
  const seen = new Map();
  rows.forEach((row, i) => {
    if (constant) {
      account.one('held');
      return;
    }
    const key = keyColumns.map((column) => row[column]).join('/');
    const content = JSON.stringify(row);
    if (seen.has(key)) {
      if (seen.get(key) !== content) throw new Error(`key ${key} comes twice with other content`);
      account.one('duplicates');
      return;
    }
    seen.set(key, content);
    account.one('stored');
    if (located[i] === undefined) account.unlocated++;
    cube.add(located[i], undefined, kind);
  });
  return { cube, account };
}

function placeOf(row) {
  if (row.geometry) return pointOnArea(row.geometry);
  if (row.lon === undefined || row.lon === '' || row.lon === 'NA') return undefined;
  return [Number(row.lon), Number(row.lat)];
}

// A row for each casualty; what is kept is of the accident, so the further rows of one are duplicates.
function accidents(file) {
  const cube = new Cube('gm-casualties');
  const account = newAccount('gm-casualties');
  const seen = new Set();
  for (const row of csvRows(readText(file))) {
    if (seen.has(row.AREFNO)) {
      account.one('duplicates');
      continue;
    }
    seen.add(row.AREFNO);
    const local = london(Date.parse(`${row.date}T${row.output_time}Z`));
    account.one('stored');
    if (local.doubtful) account.flagged++;
    cube.add([Number(row.lon), Number(row.lat)], local.utc, row.collision_severity);
  }
  return { cube, account };
}
