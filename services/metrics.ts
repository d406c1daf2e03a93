/** Metrics in the Prometheus text format, one registry a server. Values of other parts are read when asked for. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DoorsMetrics } from '../ingest/index.ts';
import type { Services } from './services.ts';

export interface Metrics {
  /** @param seconds - From the first byte in to the last byte out. */
  observeHttp(method: string, route: string, status: number, seconds: number): void;
  scrape(services: Services): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): void;
}

/** Methods that get a label of their own: a client may send any word. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']);

export function createMetrics(): Metrics {
  const registry = new Registry();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const http = new Histogram({
    name: 'jingwei_http_request_seconds',
    help: 'HTTP requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const set = writerOf(registry);
  let running: ReturnType<Metrics['scrape']> | undefined;
  const scrape: Metrics['scrape'] = async (services) => {
    processMetrics(set, delay);
    await Promise.all([doorMetrics(services, set), storeMetrics(services, set)]);
    loaderMetrics(services, set);
    partMetrics('coding', services.coding.metrics(), set);
    partMetrics('live', services.live.metrics(), set);
    partMetrics('video', services.video?.metrics() ?? {}, set);
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
  return {
    observeHttp(method, route, status, seconds) {
      http.observe(
        { method: METHODS.has(method) ? method : 'other', route, status: String(status) },
        seconds,
      );
    },
    // Counters are moved by what was added since the last look: two looks at once would add it twice.
    scrape(services) {
      running ??= scrape(services).finally(() => {
        running = undefined;
      });
      return running;
    },
    close() {
      delay.disable();
    },
  };
}

/** Writes one value under its name: a name that ends in `_total` is a counter, any other a gauge. */
type SetValue = (
  name: string,
  help: string,
  value: number | undefined,
  labels?: Record<string, string>,
) => void;

/**
 * Names of parts, as they count, that only grow. `_total` is put behind them.
 *
 * @source Prometheus, Metric and label naming: "an accumulating count has total as a suffix".
 */
const CUMULATIVE: ReadonlySet<string> = new Set([
  'jingwei_index_commits',
  'jingwei_index_rows_loaded',
  'jingwei_index_seals',
  'jingwei_index_rows_sealed',
  'jingwei_index_merges',
  'jingwei_index_seal_failures',
  'jingwei_index_queries_timed_out',
  'jingwei_index_queries_refused',
  'jingwei_index_queries_cancelled',
  'jingwei_index_queries_moved',
  'jingwei_coding_rows_coded',
  'jingwei_coding_rows_refused',
  'jingwei_coding_streams_turned_away',
  'jingwei_coding_files_done',
  'jingwei_coding_files_failed',
  'jingwei_live_refused',
  'jingwei_video_restarts',
  'jingwei_video_publishers_refused',
  'jingwei_video_viewers_dropped',
  'jingwei_video_connections_cut',
]);

function writerOf(registry: Registry): SetValue {
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, { readonly counter: Counter; readonly seen: Map<string, number> }>();
  const count = (name: string, help: string, value: number, labels: Record<string, string>) => {
    let held = counters.get(name);
    if (!held) {
      const labelNames = Object.keys(labels);
      held = { counter: new Counter({ name, help, labelNames, registers: [registry] }), seen: new Map() };
      counters.set(name, held);
    }
    const key = JSON.stringify(labels);
    const before = held.seen.get(key) ?? 0;
    held.seen.set(key, value);
    // A part that was started again counts from 0: what it has counted since is added.
    held.counter.inc(labels, value >= before ? value - before : value);
  };
  const show = (name: string, help: string, value: number, labels: Record<string, string>) => {
    let gauge = gauges.get(name);
    if (!gauge) {
      gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] });
      gauges.set(name, gauge);
    }
    gauge.set(labels, value);
  };
  return (name, help, value, labels = {}) => {
    if (value === undefined || !Number.isFinite(value)) return;
    (name.endsWith('_total') ? count : show)(name, help, value, labels);
  };
}

/** Values of a part as it names them, e.g. `viewersDropped`. */
function partMetrics(part: string, values: object, set: SetValue): void {
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== 'number') continue;
    const name = `jingwei_${part}_${snake(key)}`;
    set(CUMULATIVE.has(name) ? `${name}_total` : name, `${part}: ${snake(key)}`, value);
  }
}

function processMetrics(set: SetValue, delay: ReturnType<typeof monitorEventLoopDelay>): void {
  const memory = process.memoryUsage();
  set('jingwei_process_resident_bytes', 'Resident memory of the server process', memory.rss);
  set('jingwei_process_heap_bytes', 'JavaScript heap in use', memory.heapUsed);
  set('jingwei_process_external_bytes', 'Memory outside the heap held by JavaScript', memory.external);
  set('jingwei_process_uptime_seconds', 'Since the start', process.uptime());
  const cpu = process.cpuUsage();
  set('jingwei_process_cpu_seconds_total', 'CPU time used', (cpu.user + cpu.system) / 1e6);
  set(
    'jingwei_event_loop_delay_p99_seconds',
    'Main thread, since the last scrape',
    delay.percentile(99) / 1e9,
  );
  set('jingwei_event_loop_delay_max_seconds', 'Main thread, since the last scrape', delay.max / 1e9);
  delay.reset();
}

async function doorMetrics(services: Services, set: SetValue): Promise<void> {
  const doors = await services.doors.metrics().catch(() => undefined);
  set('jingwei_doors_up', 'The door thread answers', doors === undefined ? 0 : 1);
  if (!doors) return;
  set('jingwei_journal_head', 'Next journal position', doors.head);
  set('jingwei_journal_tail', 'Oldest journal position held', doors.tail);
  set('jingwei_journal_bytes', 'Size of the journal', doors.journalBytes);
  set('jingwei_journal_syncs_total', 'Syncs since the start', doors.journalSyncs);
  set('jingwei_journal_sync_max_seconds', 'Longest sync', doors.journalSyncMsMax / 1000);
  set('jingwei_journal_pending_bytes', 'Accepted and not yet on disk', doors.pendingBytes);
  set('jingwei_journal_healthy', '1 when the disk takes appends', doors.journalFault === null ? 1 : 0);
  journalMetrics(doors, set);
  set('jingwei_doors_connections', 'Device connections', doors.connections);
  set('jingwei_doors_connections_refused_total', 'Device connections refused', doors.connectionsRefused);
  set('jingwei_doors_messages_received_total', 'Messages received', doors.messagesReceived);
  set('jingwei_doors_messages_acknowledged_total', 'Messages acknowledged', doors.messagesAcknowledged);
  set('jingwei_doors_bytes_received_total', 'Bytes received', doors.bytesReceived);
  set('jingwei_doors_redeliveries_total', 'Redeliveries recognised', doors.redeliveries);
  set('jingwei_doors_event_loop_delay_p99_seconds', 'Door thread', doors.eventLoopDelayMsP99 / 1000);
  for (const [code, count] of Object.entries(doors.rejected)) {
    set('jingwei_doors_rejected_total', 'Rejections by code', count, { code });
  }
  set(
    'jingwei_index_behind_entries',
    'Journal entries not yet in the index',
    doors.head - services.store.position,
  );
}

/** What the journal holds at rest, and how its upkeep does. */
function journalMetrics(doors: DoorsMetrics, set: SetValue): void {
  const { journalOldestAt, journalConsumers } = doors;
  set('jingwei_journal_segments', 'Segments, the growing one among them', doors.journalSegments);
  set('jingwei_journal_packed_segments', 'Segments in their compressed form', doors.journalPackedSegments);
  set('jingwei_journal_packed_bytes', 'Bytes of packed segments on disk', doors.journalPackedBytes);
  set('jingwei_journal_packed_from_bytes', 'Bytes they had before', doors.journalPackedFromBytes);
  set('jingwei_journal_segments_deleted_total', 'Segments deleted', doors.journalDeletedSegments);
  set(
    'jingwei_journal_oldest_timestamp_seconds',
    'Oldest entry held',
    (journalOldestAt ?? Number.NaN) / 1000,
  );
  set('jingwei_journal_released', 'Position below which the index needs nothing', doors.journalReleased);
  set(
    'jingwei_journal_upkeep_healthy',
    '1 when closed segments are packed and deleted as they should',
    doors.journalUpkeepFault === null ? 1 : 0,
  );
  set(
    'jingwei_journal_damaged_entries',
    'Entries found damaged since the start',
    doors.journalDamaged.reduce((sum, { from, to }) => sum + to - from, 0),
  );
  for (const { name, position } of journalConsumers) {
    set('jingwei_journal_consumer_position', 'Next entry a consumer wants', position, { consumer: name });
  }
}

async function storeMetrics(services: Services, set: SetValue): Promise<void> {
  const store = await services.store.metrics().catch(() => undefined);
  set('jingwei_index_up', 'The index answers', store === undefined ? 0 : 1);
  partMetrics('index', store ?? {}, set);
}

function loaderMetrics(services: Services, set: SetValue): void {
  const loader = services.loader.status();
  set('jingwei_index_lag_seconds', 'How far the index is behind what has arrived', loader.lagMs / 1000);
  set('jingwei_loader_entries_per_second', 'Journal entries loaded a second of late', loader.entriesPerS);
  if (loader.etaMs !== null)
    set('jingwei_loader_eta_seconds', 'Until the index holds everything', loader.etaMs / 1000);
  set('jingwei_loader_commits_total', 'Index commits since the start', loader.commits);
  set('jingwei_loader_readings_total', 'Readings loaded since the start', loader.readings);
  set('jingwei_loader_failures_total', 'Failed loads since the start', loader.failures);
  set('jingwei_loader_last_commit_seconds', 'Last commit, with the live stream', loader.lastCommitMs / 1000);
  set('jingwei_loader_max_commit_seconds', 'Longest commit', loader.maxCommitMs / 1000);
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
