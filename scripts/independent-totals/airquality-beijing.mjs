// 12 stations, hourly; places from the *_cnemc columns of stations.csv beside the files. CO comes in ug/m3 and is counted
// in mg/m3. A row without any value is no message.
import { dirname, join } from 'node:path';
import { beijing } from './lib/clock.mjs';
import { csvRows } from './lib/csv.mjs';
import { Cube, newAccount } from './lib/cube.mjs';
import { readText } from './lib/files.mjs';

const DATASET = 'airquality-beijing';
// Column, property, lowest and highest value in the unit counted, divisor.
const COLUMNS = [
  ['PM2.5', 'pm25', 0, 5000, 1],
  ['PM10', 'pm10', 0, 10000, 1],
  ['SO2', 'so2', 0, 10000, 1],
  ['NO2', 'no2', 0, 5000, 1],
  ['CO', 'co', 0, 500, 1000],
  ['O3', 'o3', 0, 5000, 1],
  ['TEMP', 'air-temperature', -70, 70, 1],
  ['PRES', 'air-pressure', 300, 1100, 1],
  ['DEWP', 'dew-point', -100, 60, 1],
  ['RAIN', 'rainfall', 0, 500, 1],
  ['wd', 'wind-direction', 0, 360, 1],
  ['WSPM', 'wind-speed', 0, 120, 1],
];
const POINTS = 'N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW'.split(' ');

export default function totals(files) {
  const cube = new Cube(DATASET);
  const account = newAccount(DATASET);
  const stations = new Map();
  for (const row of csvRows(readText(join(dirname(files[0]), 'stations.csv')))) {
    stations.set(row.station, [Number(row.lng_cnemc), Number(row.lat_cnemc)]);
  }
  for (const file of files) {
    for (const row of csvRows(readText(file))) {
      const time = beijing(Date.UTC(+row.year, +row.month - 1, +row.day, +row.hour)).utc;
      let good = 0;
      let bad = 0;
      for (const [column, property, min, max, divisor] of COLUMNS) {
        const text = row[column];
        if (text === 'NA') continue;
        const value = column === 'wd' ? POINTS.indexOf(text) * 22.5 : Number(text) / divisor;
        if (Number.isNaN(value) || value < min || value > max) bad++;
        else {
          good++;
          cube.add(stations.get(row.station), time, property, value);
        }
      }
      if (good + bad === 0) continue;
      account.records.in++;
      account.records[good > 0 ? 'stored' : 'refused']++;
      if (good > 0 && bad > 0) account.partialRecords++;
      account.readings.in += good + bad;
      account.readings.stored += good;
      account.readings.refused += bad;
    }
  }
  return { rows: cube.rows(), accounts: [account] };
}
