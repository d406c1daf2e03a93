// Two files, two formats of time, both naive New York time. No coordinate: counted under ''. Closed before created, and
// times the clock shows twice or never: kept, marked.
import { newYork } from './lib/clock.mjs';
import { csvRows } from './lib/csv.mjs';
import { Cube, newAccount } from './lib/cube.mjs';
import { readText } from './lib/files.mjs';

const DATASET = 'nyc-311';
const NULLS = new Set(['', 'N/A', 'Unspecified']);
const BOX = [-74.3, 40.4, -73.6, 41.0];
const RANGE = [Date.parse('2014-01-01T00:00:00-05:00'), Date.parse('2025-04-01T00:00:00-04:00')];

// "06/26/2018 12:50:01 PM" or "3/14/2025 1:20"
function instant(text) {
  const [date, clock, half] = text.split(' ');
  const [month, day, year] = date.split('/').map(Number);
  const [hour, minute, second = 0] = clock.split(':').map(Number);
  const hours = half === undefined ? hour : (hour % 12) + (half === 'PM' ? 12 : 0);
  return newYork(Date.UTC(year, month - 1, day, hours, minute, second));
}

export default function totals(files) {
  const cube = new Cube(DATASET);
  const account = newAccount(DATASET);
  const seen = new Set();
  for (const file of files) {
    for (const row of csvRows(readText(file))) {
      const created = instant(row['Created Date']);
      const closed = NULLS.has(row['Closed Date']) ? undefined : instant(row['Closed Date']);
      const place = NULLS.has(row.Longitude) ? undefined : [Number(row.Longitude), Number(row.Latitude)];
      const outside =
        place !== undefined &&
        (place[0] < BOX[0] || place[1] < BOX[1] || place[0] > BOX[2] || place[1] > BOX[3]);
      if (outside || created.utc < RANGE[0] || created.utc >= RANGE[1]) {
        account.one('refused');
        continue;
      }
      if (seen.has(row['Unique Key'])) throw new Error(`key ${row['Unique Key']} comes twice`);
      seen.add(row['Unique Key']);
      account.one('stored');
      if (place === undefined) account.unlocated++;
      if (created.doubtful || closed?.doubtful || (closed !== undefined && closed.utc < created.utc))
        account.flagged++;
      cube.add(place, created.utc, row['Complaint Type']);
    }
  }
  return { rows: cube.rows(), accounts: [account] };
}
