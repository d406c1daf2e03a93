// Where a ray through a pixel meets flat ground, with vectors in an east-north-up frame at the camera.
const RAD = Math.PI / 180;

function offset(camera, u, v) {
  const h = camera.headingDeg * RAD;
  const t = camera.tiltDeg * RAD;
  const forward = [Math.sin(h) * Math.cos(t), Math.cos(h) * Math.cos(t), -Math.sin(t)];
  const right = [Math.cos(h), -Math.sin(h), 0];
  const down = [-Math.sin(h) * Math.sin(t), -Math.cos(h) * Math.sin(t), -Math.cos(t)];
  const focal = camera.widthPx / 2 / Math.tan((camera.hfovDeg / 2) * RAD);
  const x = (u - camera.widthPx / 2) / focal;
  const y = (v - camera.heightPx / 2) / focal;
  const ray = forward.map((f, i) => f + x * right[i] + y * down[i]);
  if (ray[2] > -1e-6) return undefined;
  const scale = camera.mountHeightM / -ray[2];
  return [ray[0] * scale, ray[1] * scale];
}

// The foot of what stands at a pixel, or the camera's own place beyond its range and above the horizon.
export function footOnGround(camera, u, v) {
  const hit = u === undefined ? undefined : offset(camera, u, v);
  if (hit === undefined || Math.hypot(...hit) > camera.rangeM) return [camera.lonDeg, camera.latDeg];
  // WGS 84 radii of curvature at the camera.
  const f = 1 / 298.257223563;
  const e2 = f * (2 - f);
  const n = 6378137 / Math.sqrt(1 - e2 * Math.sin(camera.latDeg * RAD) ** 2);
  const m = (n * (1 - e2)) / (1 - e2 * Math.sin(camera.latDeg * RAD) ** 2);
  return [
    camera.lonDeg + hit[0] / (n * Math.cos(camera.latDeg * RAD)) / RAD,
    camera.latDeg + hit[1] / m / RAD,
  ];
}
