// OpenTrafficCam: every detection is an event; x, y is the upper left corner of the box. Place and pose are invented.
import { footOnGround } from './lib/camera.mjs';
import { Cube, newAccount } from './lib/cube.mjs';
import { readBzip2, readText } from './lib/files.mjs';

const DATASET = 'ottrk-sample';
const CAMERA = {
  lonDeg: 104.6241,
  latDeg: 35.5734,
  headingDeg: 315,
  tiltDeg: 26,
  mountHeightM: 8,
  hfovDeg: 75,
  widthPx: 800,
  heightPx: 600,
  rangeM: 120,
};

export default function totals(files) {
  const cube = new Cube(DATASET);
  const account = newAccount(DATASET);
  const seen = new Set();
  for (const file of files) {
    const text = file.endsWith('.json') ? readText(file) : readBzip2(file);
    for (const d of JSON.parse(text).data.detections) {
      const key = `${d['track-id']}/${d.frame}`;
      account.one(seen.has(key) ? 'duplicates' : 'stored');
      if (seen.has(key)) continue;
      seen.add(key);
      cube.add(footOnGround(CAMERA, d.x + d.w / 2, d.y + d.h), d.occurrence * 1000, d.class);
    }
  }
  return { rows: cube.rows(), accounts: [account] };
}
