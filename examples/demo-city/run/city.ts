/** The running city: registers itself like a customer would, connects its devices, and lives until it is told to stop. */
import { backfill } from '../backfill.ts';
import { FRIGATE_GATEWAY } from '../cameras/camera.ts';
import { type CityPlan, planCity } from '../plan.ts';
import { type Api, connectApi, waitForServer } from './api.ts';
import { type Fleet, makeFleet } from './fleet.ts';
import { dropRegisters, runHotline } from './inbox.ts';
import { type Memory, openMemory } from './memory.ts';
import type { CityOptions } from './options.ts';
import { pause, reason, say } from './say.ts';
import { runVideo } from './video.ts';
import { Wheel } from './wheel.ts';

const SERVER_WAIT_MS = 120_000;
const TICK_MS = 50;
const REPORT_MS = 60_000;
/** Backfill messages offered at a time, ten times a second. */
const BACKFILL_BATCH = 6;
/** What is in flight at the end may take this long; a stop is over within 2 s. */
const CLOSE_MS = 600;

/** Runs until the signal. @throws {Error} When the server cannot be reached or refuses to register the city. */
export async function runCity(options: CityOptions, signal: AbortSignal): Promise<void> {
  const { seed, rate } = options;
  const plan = planCity(seed, { rate, devices: options.devices });
  const memory = openMemory(options.state);
  const token = await waitForServer(options.url, options.tokenFile, SERVER_WAIT_MS, signal);
  const api = connectApi(options.url, token, signal);
  await register(api, plan, memory);
  const fleet = makeFleet(
    options.mqtt,
    plan.devices.map(({ id }) => id),
    new Set([FRIGATE_GATEWAY]),
  );
  const stopTicking = startTicking(plan, fleet);
  const stopReporting = startReporting(fleet);
  try {
    dropRegisters(options.inbox, seed, memory);
    await Promise.all([
      connectAll(api, plan, fleet, memory, signal).then(() => sendPast(plan, fleet, memory, signal)),
      runHotline(options.inbox, seed, rate, memory, signal),
      options.video ? runVideo(api, options.rtmp, signal) : undefined,
      untilAborted(signal),
    ]);
  } finally {
    stopTicking();
    stopReporting();
    // Whoever has not left by then is cut off by the end of the process.
    await Promise.race([fleet.close(CLOSE_MS), new Promise((done) => setTimeout(done, CLOSE_MS + 100))]);
  }
}

async function register(api: Api, plan: CityPlan, memory: Memory): Promise<void> {
  const known = await api.hasDataset('demo-air');
  const sameSeed = memory.done.seed === plan.seed;
  // A fresh server, or another city: tokens and past of the old one mean nothing here.
  if (!known || !sameSeed) memory.forget();
  memory.note({ seed: plan.seed });
  await api.declare(plan.declarations);
  const things = plan.declarations.filter(({ kind }) => kind === 'thing').length;
  const lacking = plan.devices.filter(({ id }) => !memory.tokens.has(id));
  if (lacking.length > 0) memory.keepTokens(await api.makeDevices(lacking));
  say(
    `registered ${things} things and ${plan.declarations.length - things} datasets and mappings; ${lacking.length} new device credentials`,
  );
}

/** Connects everybody. When the server has forgotten most of them (its state was replaced), asks for new tokens once. */
async function connectAll(
  api: Api,
  plan: CityPlan,
  fleet: Fleet,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  const ids = plan.devices.map(({ id }) => id);
  const started = Date.now();
  await fleet.connect(memory.tokens, ids, progress(started), signal);
  const refused = new Set(fleet.refused().map(({ id }) => id));
  if (refused.size <= fleet.size / 2 || signal.aborted) return;
  say(`${refused.size} devices refused (${fleet.refused()[0]?.as}): asking for new tokens`);
  try {
    const lost = plan.devices.filter(({ id }) => refused.has(id));
    memory.keepTokens(await api.makeDevices(lost));
    await fleet.connect(memory.tokens, [...refused], progress(started), signal);
  } catch (error) {
    say(`no new tokens: ${reason(error)}`);
  }
}

function progress(started: number): (connected: number, of: number) => void {
  let next = 0;
  return (connected, of) => {
    if (connected < next && connected < of) return;
    next = connected + 200;
    say(`${connected} of ${of} connected after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  };
}

/** One timer for everybody. */
function startTicking(plan: CityPlan, fleet: Fleet): () => void {
  const wheel = new Wheel(plan.emitters, Date.now(), TICK_MS);
  const timer = setInterval(() => {
    wheel.advance(Date.now(), (emitter, due) => {
      for (const message of emitter.messages(due, emitter.periodMs)) fleet.offer(message);
    });
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** The last six hours, once; done only when every message of it is acknowledged. */
async function sendPast(plan: CityPlan, fleet: Fleet, memory: Memory, signal: AbortSignal): Promise<void> {
  if (memory.done.backfill === true || signal.aborted) return;
  let offered = 0;
  let acknowledged = 0;
  for (const message of backfill(plan, Date.now())) {
    fleet.offer(message, () => {
      acknowledged += 1;
    });
    offered += 1;
    if (offered % BACKFILL_BATCH === 0) await pause(100, signal);
    if (signal.aborted) return;
  }
  for (let waited = 0; acknowledged < offered && waited < 300 && !signal.aborted; waited += 1) {
    await pause(200, signal);
  }
  if (acknowledged === offered) memory.note({ backfill: true });
  if (!signal.aborted) say(`sent the last 6 hours: ${acknowledged} of ${offered} sensors acknowledged`);
}

function startReporting(fleet: Fleet): () => void {
  let before = { published: 0, acknowledged: 0 };
  const timer = setInterval(() => {
    const { published, acknowledged, refused, skipped, lastRefusal } = fleet.counters;
    const rate = ((acknowledged - before.acknowledged) / (REPORT_MS / 1000)).toFixed(1);
    before = { published, acknowledged };
    const memoryMb = Math.round(process.memoryUsage.rss() / 1e6);
    say(
      `${fleet.connected()} of ${fleet.size} connected, published ${published}, acknowledged ${acknowledged} (${rate}/s), backlog ${fleet.waiting()}, refused ${refused}${refused > 0 ? ` (last ${lastRefusal})` : ''}, skipped ${skipped}, memory ${memoryMb} MB`,
    );
  }, REPORT_MS);
  return () => clearInterval(timer);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
