/** What has to be true before traffic is welcome. */
import type { DoorsMetrics } from '../ingest/index.ts';
import { dataFolder } from './data-folder.ts';
import { isPortOpen } from './port-open.ts';
import type { Services } from './services.ts';
import { whyNotWritable } from './writable.ts';

/** One condition and, where it fails, why. Where it holds, the reason is what a person should look at all the same. */
export interface ReadinessCheck {
  readonly name: 'journal' | 'disk' | 'mqtt' | 'index' | 'lag' | 'state';
  readonly ok: boolean;
  readonly reason: string | null;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

/** A part that has not answered by then is not ready, ms. */
const ANSWER_WITHIN_MS = 2000;
/** Damaged ranges named in one answer; the log names all. */
const MAX_NAMED = 5;

/** Asks each part; never throws. */
export async function checkReadiness(
  services: Pick<Services, 'doors' | 'store' | 'state' | 'loader' | 'config' | 'now'>,
): Promise<Readiness> {
  const { doors, store, state, loader, config } = services;
  const { maxLagMs } = config.ready;
  const checks = await Promise.all([
    check('journal', async () => journalState(await doors.metrics())),
    check('disk', () => whyNotWritable(dataFolder(config.dataDir).uploads, config.journal.minFreeBytes)),
    check('mqtt', async () => {
      const { mqtt: port } = doors.ports;
      if (port === 0) return 'The device port is not open yet';
      return (await isPortOpen(config.mqtt.host, port)) ? null : `Nobody listens on the device port ${port}`;
    }),
    check('index', async () => {
      await store.metrics();
      return loader.status().fault;
    }),
    check('lag', async () => {
      const { lagMs, position, head, entriesPerS, etaMs } = loader.status();
      if (lagMs <= maxLagMs) return null;
      const when = etaMs === null ? '' : `, ready in about ${Math.ceil(etaMs / 1000)} s`;
      return (
        `The index is ${Math.round(lagMs)} ms behind; ${maxLagMs} ms are allowed. ` +
        `It has ${position} of ${head} entries, ${Math.round(entriesPerS)} a second${when}`
      );
    }),
    check('state', async () => {
      await state.selectFrom('migration').select('id').limit(1).execute();
      return null;
    }),
  ]);
  return { ready: checks.every((one) => one.ok), checks };
}

/** Something to look at that does not keep traffic away. */
interface Notice {
  readonly notice: string;
}

/** Messages are taken and acknowledged as long as the disk takes appends, whatever else is wrong with the journal. */
function journalState(doors: DoorsMetrics): string | Notice | null {
  if (doors.journalFault !== null) return doors.journalFault;
  const lost = doors.journalDamaged.map(({ segment, from, to }) => `${from} to ${to - 1} of ${segment}`);
  const notices = [
    ...(doors.journalUpkeepFault === null
      ? []
      : ['Closed segments cannot be packed or deleted; the log says why']),
    ...(lost.length === 0 ? [] : [`Entries cannot be read: ${lost.slice(0, MAX_NAMED).join(', ')}`]),
  ];
  return notices.length === 0 ? null : { notice: notices.join('. ') };
}

async function check(
  name: ReadinessCheck['name'],
  ask: () => Promise<string | Notice | null>,
): Promise<ReadinessCheck> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, `No answer within ${ANSWER_WITHIN_MS} ms`);
  });
  try {
    const reason = await Promise.race([ask(), late]);
    if (reason !== null && typeof reason === 'object') return { name, ok: true, reason: reason.notice };
    return { name, ok: reason === null, reason };
  } catch {
    // The words of a disk or a database may hold paths, and this route is open.
    return { name, ok: false, reason: 'It cannot be read; the log says why' };
  } finally {
    clearTimeout(timer);
  }
}
