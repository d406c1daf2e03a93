import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{grid,ingest,analytics,services,viz,scripts,examples,bench}/**/*.test.{ts,tsx}'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: servers, DuckDB and browsers under test fight for them, so files run two at a time.
    maxWorkers: 2,
    pool: 'forks',
    // One second, the default, is less than a busy machine may need; whoever waits longer says so.
    expect: { poll: { timeout: 15_000, interval: 50 } },
  },
});
