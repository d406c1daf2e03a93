// Frigate samples: the MQTT message of the documentation and two answers of the REST interface. Places and poses are the
// invented ones of the declaration.
import { footOnGround } from './lib/camera.mjs';
import { Cube, newAccount } from './lib/cube.mjs';
import { readText } from './lib/files.mjs';

const DATASET = 'frigate-sample';
const pose = { tiltDeg: 25, mountHeightM: 5, hfovDeg: 90, widthPx: 1920, heightPx: 1080, rangeM: 60 };
const CAMERAS = {
  front_door: { ...pose, lonDeg: 104.6263, latDeg: 35.5806, headingDeg: 90 },
  backyard: { ...pose, lonDeg: 104.6259, latDeg: 35.5803, headingDeg: 200 },
  garage: { ...pose, lonDeg: 104.6261, latDeg: 35.5809, headingDeg: 330 },
};

function foot(event, camera) {
  if (event.box) return [(event.box[0] + event.box[2]) / 2, event.box[3]];
  const box = event.data?.box;
  return box ? [(box[0] + box[2] / 2) * camera.widthPx, (box[1] + box[3]) * camera.heightPx] : [];
}

export default function totals(files) {
  const account = newAccount(DATASET);
  const latest = new Map();
  for (const file of files) {
    const json = JSON.parse(readText(file));
    const events = Array.isArray(json) ? json : [json.after];
    for (const event of events) {
      if (latest.has(event.id)) throw new Error(`event ${event.id} comes twice`);
      latest.set(event.id, event);
      account.one('stored');
    }
  }
  const cube = new Cube(DATASET);
  for (const event of latest.values()) {
    const camera = CAMERAS[event.camera];
    cube.add(footOnGround(camera, ...foot(event, camera)), event.start_time * 1000, event.label);
  }
  return { rows: cube.rows(), accounts: [account] };
}
