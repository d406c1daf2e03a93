/**
 * From publish to pixel: 2,000 messages a second over 2,000 stations in zones of their own, one board at 1280 x 720 in
 * Chromium with software WebGL on the same machine. A message's time is from `publish` to the first rendered frame whose
 * journal position is past it.
 *
 * Estimate before the first run: group commit 5 ms + index commit 100 ms + frame pacing up to 250 ms + drawing up to
 * 300 ms: median 350 ms, p95 650 ms.
 */
import mqtt from 'mqtt';
import { fleetDeclarations } from '../scripts/testing/fleet.ts';
import { removeData, startServer, untilIndexed } from '../scripts/testing/server-process.ts';
import { openBrowser } from '../viz/dev/browser.ts';

const RATE = Number(process.env.RATE ?? 2_000);
const STATIONS = Number(process.env.STATIONS ?? 2_000);
const SECONDS = Number(process.env.SECONDS ?? 60);
const WARM_UP_SECONDS = 10;
/** H3 level at which each station stands in a zone of its own and the board shows at its zoom. */
const SPACING_DEG = 0.03;
const ZOOM = 9.2;

const server = await startServer();
try {
  // One gateway speaks for all stations over one connection, so that journal order is publish order.
  const gateway = { id: 'bench-gateway' };
  const declarations = fleetDeclarations(STATIONS, 'bench', SPACING_DEG).map((declaration) =>
    declaration.kind === 'thing'
      ? { ...declaration, body: { ...declaration.body, gateway: gateway.id } }
      : declaration,
  );
  for (let from = 0; from < declarations.length; from += 500) {
    await server.json('/api/v1/declarations', {
      method: 'POST',
      body: JSON.stringify(declarations.slice(from, from + 500)),
    });
  }
  const [device] = await server.json<{ token: string }[]>('/api/v1/devices', {
    method: 'POST',
    body: JSON.stringify([
      { id: gateway.id, kind: 'gateway', publish: ['things/+/observations'], subscribe: [] },
    ]),
  });
  const client = await mqtt.connectAsync(server.mqttUrl, {
    username: gateway.id,
    password: device!.token,
    reconnectPeriod: 0,
  });
  const ids = declarations.flatMap((declaration) =>
    declaration.kind === 'thing' ? [declaration.body.id] : [],
  );

  let sent = 0;
  const sentAt: number[] = [];
  const publish = () => {
    const id = ids[sent % ids.length]!;
    sentAt.push(performance.timeOrigin + performance.now());
    client.publish(
      `things/${id}/observations`,
      JSON.stringify({ pm25: (sent % 500) / 2 }),
      { qos: 1 },
      (error) => {
        if (error) throw error;
      },
    );
    sent += 1;
  };
  for (let index = 0; index < ids.length; index += 1) publish();
  await new Promise((wake) => setTimeout(wake, 1_000));
  const base = (await untilIndexed(server)) - sent;

  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const seat = await server.json<{ token: string }>('/api/v1/seats', {
    method: 'POST',
    body: JSON.stringify({ label: 'bench' }),
  });
  await page.goto(`${server.url}/seat/${seat.token}`);
  // Close enough that each station stands in a zone of its own.
  await page.goto(`${server.url}/?view=104.66,35.25,${ZOOM}`);
  await page.waitForFunction(
    () => ((globalThis as { __jingwei?: { zones: number } }).__jingwei?.zones ?? 0) > 0,
    undefined,
    { timeout: 60_000 },
  );
  // Frames as they are drawn: [wall clock ms, journal position]. As text: the page knows nothing of our compiler's helpers.
  await page.evaluate(`
    globalThis.__frames = [];
    let last = -1;
    setInterval(() => {
      if (globalThis.__jingwei.position === last) return;
      last = globalThis.__jingwei.position;
      globalThis.__frames.push([performance.timeOrigin + performance.now(), last]);
    }, 4);
  `);
  let owed = 0;
  const began = performance.now();
  let due = began;
  while (performance.now() - began < (WARM_UP_SECONDS + SECONDS) * 1000) {
    const now = performance.now();
    owed += ((now - due) / 1000) * RATE;
    due = now;
    for (; owed >= 1; owed -= 1) publish();
    await new Promise((wake) => setTimeout(wake, 5));
  }
  await new Promise((wake) => setTimeout(wake, 3_000));
  const { frames, zones } = await page.evaluate(() => {
    const scope = globalThis as unknown as { __jingwei: { zones: number }; __frames: [number, number][] };
    return { frames: scope.__frames, zones: scope.__jingwei.zones };
  });
  await browser.close();
  await client.endAsync(true);
  report(frames, zones);

  function report(drawn: readonly (readonly [number, number])[], zonesDrawn: number): void {
    const first = ids.length + RATE * WARM_UP_SECONDS;
    const latencies: number[] = [];
    let frame = 0;
    let unseen = 0;
    for (let index = first; index < sent; index += 1) {
      const position = base + index;
      while (frame < drawn.length && drawn[frame]![1] <= position) frame += 1;
      if (frame === drawn.length) unseen += 1;
      else latencies.push(drawn[frame]![0] - sentAt[index]!);
    }
    latencies.sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round(
        latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN,
      );
    const span = (drawn.at(-1)?.[0] ?? 0) - (drawn[0]?.[0] ?? 0);
    console.log(
      JSON.stringify({
        bench: 'live-publish-to-pixel',
        messages: latencies.length,
        perSecond: Math.round((sent - ids.length) / (WARM_UP_SECONDS + SECONDS)),
        zones: zonesDrawn,
        framesPerSecond: Math.round((drawn.length / span) * 10_000) / 10,
        p50Ms: at(0.5),
        p95Ms: at(0.95),
        p99Ms: at(0.99),
        maxMs: Math.round(latencies.at(-1) ?? Number.NaN),
        unseen,
      }),
    );
  }
} finally {
  await server.stop();
  removeData(server.dataDir);
}
