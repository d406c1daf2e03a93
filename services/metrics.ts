/** Metrics in the Prometheus text format, one registry a server. Values of other parts are read when asked for. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, Histogram, Registry } from 'prom-client';
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
  const gauges = new Map<string, Gauge>();
  const set: SetValue = (name, help, value, labels = {}) => {
    if (value === undefined || !Number.isFinite(value)) return;
    let gauge = gauges.get(name);
    if (!gauge) {
      gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] });
      gauges.set(name, gauge);
    }
    gauge.set(labels, value);
  };
  return {
    observeHttp(method, route, status, seconds) {
      http.observe(
        { method: METHODS.has(method) ? method : 'other', route, status: String(status) },
        seconds,
      );
    },
    async scrape(services) {
      processMetrics(set, delay);
      await Promise.all([doorMetrics(services, set), storeMetrics(services, set)]);
      loaderMetrics(services, set);
      for (const [part, values] of [
        ['live', services.live.metrics()],
        ['video', services.video?.metrics() ?? {}],
      ] as const) {
        for (const [key, value] of Object.entries(values)) {
          set(`jingwei_${part}_${snake(key)}`, `${part}: ${snake(key)}`, value);
        }
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    close() {
      delay.disable();
    },
  };
}

type SetValue = (
  name: string,
  help: string,
  value: number | undefined,
  labels?: Record<string, string>,
) => void;

function processMetrics(set: SetValue, delay: ReturnType<typeof monitorEventLoopDelay>): void {
  const memory = process.memoryUsage();
  set('jingwei_process_resident_bytes', 'Resident memory of the server process', memory.rss);
  set('jingwei_process_heap_bytes', 'JavaScript heap in use', memory.heapUsed);
  set('jingwei_process_external_bytes', 'Memory outside the heap held by JavaScript', memory.external);
  set('jingwei_process_uptime_seconds', 'Since the start', process.uptime());
  const cpu = process.cpuUsage();
  set('jingwei_process_cpu_seconds', 'CPU time used', (cpu.user + cpu.system) / 1e6);
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
  set('jingwei_journal_syncs', 'Syncs since the start', doors.journalSyncs);
  set('jingwei_journal_sync_max_seconds', 'Longest sync', doors.journalSyncMsMax / 1000);
  set('jingwei_journal_pending_bytes', 'Accepted and not yet on disk', doors.pendingBytes);
  set('jingwei_journal_healthy', '1 when the disk takes appends', doors.journalFault === null ? 1 : 0);
  set('jingwei_doors_connections', 'Device connections', doors.connections);
  set('jingwei_doors_connections_refused', 'Device connections refused', doors.connectionsRefused);
  set('jingwei_doors_messages_received', 'Messages received', doors.messagesReceived);
  set('jingwei_doors_messages_acknowledged', 'Messages acknowledged', doors.messagesAcknowledged);
  set('jingwei_doors_bytes_received', 'Bytes received', doors.bytesReceived);
  set('jingwei_doors_redeliveries', 'Redeliveries recognised', doors.redeliveries);
  set('jingwei_doors_event_loop_delay_p99_seconds', 'Door thread', doors.eventLoopDelayMsP99 / 1000);
  for (const [code, count] of Object.entries(doors.rejected)) {
    set('jingwei_doors_rejected', 'Rejections by code', count, { code });
  }
  set(
    'jingwei_index_behind_entries',
    'Journal entries not yet in the index',
    doors.head - services.store.position,
  );
}

async function storeMetrics(services: Services, set: SetValue): Promise<void> {
  const store = await services.store.metrics().catch(() => undefined);
  set('jingwei_index_up', 'The index answers', store === undefined ? 0 : 1);
  for (const [key, value] of Object.entries(store ?? {})) {
    if (typeof value === 'number') set(`jingwei_index_${snake(key)}`, `index: ${snake(key)}`, value);
  }
}

function loaderMetrics(services: Services, set: SetValue): void {
  const loader = services.loader.status();
  set('jingwei_index_lag_seconds', 'How far the index is behind what has arrived', loader.lagMs / 1000);
  set('jingwei_loader_commits', 'Index commits since the start', loader.commits);
  set('jingwei_loader_readings', 'Readings loaded since the start', loader.readings);
  set('jingwei_loader_failures', 'Failed loads since the start', loader.failures);
  set('jingwei_loader_last_commit_seconds', 'Last commit, with the live stream', loader.lastCommitMs / 1000);
  set('jingwei_loader_max_commit_seconds', 'Longest commit', loader.maxCommitMs / 1000);
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
