// A point to stand on in an outline: the centroid of the largest part's outer ring, or, where that is not inside, the
// middle of the longest stretch inside along its parallel. Plane degrees.
export function pointOnArea(geometry) {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const sized = parts.map((rings) => ({ rings, ...centroid(rings[0]) }));
  const { rings, x, y } = sized.reduce((a, b) => (Math.abs(b.area) > Math.abs(a.area) ? b : a));
  if (rings.reduce((inside, ring) => inside !== contains(ring, x, y), false)) return [x, y];
  const crossings = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [[x1, y1], [x2, y2]] = [ring[i - 1], ring[i]];
      if (y1 > y !== y2 > y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  crossings.sort((a, b) => a - b);
  let best = [0, 0];
  for (let i = 1; i < crossings.length; i += 2) {
    if (crossings[i] - crossings[i - 1] > best[1] - best[0]) best = [crossings[i - 1], crossings[i]];
  }
  return [(best[0] + best[1]) / 2, y];
}

// Triangles from the first corner.
function centroid(ring) {
  const [ax, ay] = ring[0];
  let area = 0;
  let mx = 0;
  let my = 0;
  for (let i = 2; i < ring.length; i++) {
    const [bx, by] = [ring[i - 1][0] - ax, ring[i - 1][1] - ay];
    const [cx, cy] = [ring[i][0] - ax, ring[i][1] - ay];
    const triangle = (bx * cy - cx * by) / 2;
    area += triangle;
    mx += (triangle * (bx + cx)) / 3;
    my += (triangle * (by + cy)) / 3;
  }
  return { area, x: ax + mx / area, y: ay + my / area };
}

function contains(ring, x, y) {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [[x1, y1], [x2, y2]] = [ring[i - 1], ring[i]];
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  }
  return inside;
}
