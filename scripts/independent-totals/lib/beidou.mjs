// BeiDou grid location code, 2D, level 5 text (4 arc-seconds), for |latitude| < 88. GB/T 39409-2020, clause 5.
// Whole units of 1/2048 arc-second, so that every cell edge is a whole number.
const UNITS_PER_DEGREE = 3600 * 2048;
const HEX = '0123456789ABCDE';

function wholeUnits(degrees) {
  const exact = degrees * UNITS_PER_DEGREE;
  const nearest = Math.round(exact);
  return Math.abs(exact - nearest) < 1e-5 ? nearest : Math.floor(exact);
}

export function beidouLevel5(lon, lat) {
  const x = Math.min(wholeUnits(Math.abs(lon)), 180 * UNITS_PER_DEGREE - 1);
  const y = wholeUnits(Math.abs(lat));
  if (y >= 88 * UNITS_PER_DEGREE) return '';
  const column = Math.floor(x / (6 * UNITS_PER_DEGREE));
  const row = Math.floor(y / (4 * UNITS_PER_DEGREE));
  const zone = lon >= 0 ? 31 + column : 30 - column;
  let text = (lat >= 0 ? 'N' : 'S') + String(zone).padStart(2, '0') + 'ABCDEFGHIJKLMNOPQRSTUV'[row];
  // Cell sizes in arc-seconds: 30' x 30', 15' x 10' (one digit, two columns), 1' x 1', 4" x 4".
  let restX = x - column * 6 * UNITS_PER_DEGREE;
  let restY = y - row * 4 * UNITS_PER_DEGREE;
  for (const [width, height, merged] of [
    [1800, 1800, false],
    [900, 600, true],
    [60, 60, false],
    [4, 4, false],
  ]) {
    const i = Math.floor(restX / (width * 2048));
    const j = Math.floor(restY / (height * 2048));
    restX -= i * width * 2048;
    restY -= j * height * 2048;
    text += merged ? String(j * 2 + i) : ('0123456789ABCDE'[i] ?? '?') + HEX[j];
  }
  return text;
}
