/** H3 covers of 20,000 shapes against the slow walk: by pentagons, poles and the antimeridian as often as elsewhere. */
import { compactZones } from '../../grid/cover/compact.ts';
import { h3 } from '../../grid/h3/h3.ts';
import { coverByWalk } from '../../grid/h3/test-cover-walk.ts';
import { hardCase, seeded } from '../../grid/h3/test-h3-shapes.ts';

const SHAPES = 20_000;
const random = seeded(Number(process.env.SEED ?? 1));
let [cells, apart, bad] = [0, 0, 0];
for (let n = 0; n < SHAPES; n += 1) {
  const { level, geometry } = hardCase(random);
  const fast = h3.cover(geometry, level, 1_000_000);
  if (fast.length > 3000) continue;
  cells += fast.length;
  const known = new Set(fast);
  const slow = new Set(coverByWalk(geometry, level, 1_000_000));
  let wrong = fast.some((zone) => !slow.has(zone));
  if (fast.length !== slow.size) {
    // Cells the walk takes for being near: they must be out of its reach with a hundredth of the tolerance.
    apart += 1;
    wrong ||= coverByWalk(geometry, level, 1_000_000, 1e-6).some((zone) => !known.has(zone));
  }
  for (const mode of ['intersects', 'within', 'centre'] as const) {
    const set = h3.coverCompact(geometry, level, 1_000_000, mode);
    const plain = compactZones(h3, h3.cover(geometry, level, 1_000_000, mode), level);
    wrong ||= plain.zones.length !== set.zones.length || plain.zones.some((zone, k) => zone !== set.zones[k]);
  }
  const { atLeast, atMost } = h3.estimateCover(geometry, level);
  wrong ||= fast.length < atLeast || fast.length > atMost;
  if (wrong) {
    bad += 1;
    console.log(JSON.stringify({ level, geometry }));
  }
}
console.log(JSON.stringify({ shapes: SHAPES, cells, apart, bad }));
process.exit(bad > 0 ? 1 : 0);
