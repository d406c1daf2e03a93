import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, configOf, loadConfig } from './config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, `${Math.abs(hash(text))}.yaml`);
  writeFileSync(path, text);
  return path;
}
const hash = (text: string): number => [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 7);

describe('loadConfig', () => {
  it('fills every default and says so', () => {
    const { config, settings } = loadConfig({});
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080 });
    expect(config.mqtt.port).toBe(1883);
    expect(config.rtmp.port).toBe(1935);
    expect(settings.every((s) => s.from === 'default' && s.meaning !== '')).toBe(true);
    expect(settings.map((s) => s.env)).toContain('JINGWEI_DUCKDB_MEMORY_MB');
  });

  it('lets the environment win over the file and remembers the origin of each value', () => {
    const path = file('http:\n  port: 9000\n  host: 0.0.0.0\n');
    const { config, settings } = loadConfig({ JINGWEI_CONFIG: path, JINGWEI_HTTP_PORT: '9001' });
    expect(config.http).toMatchObject({ host: '0.0.0.0', port: 9001 });
    const from = (name: string) => settings.find((s) => s.path === name)?.from;
    expect(from('http.port')).toBe('JINGWEI_HTTP_PORT');
    expect(from('http.host')).toBe(path);
    expect(from('mqtt.port')).toBe('default');
  });

  it('names unknown keys of the file and of the environment', () => {
    const path = file('http:\n  prot: 9000\nlogs: {}\n');
    const problems = problemsOf(() => loadConfig({ JINGWEI_CONFIG: path, JINGWEI_HTTP_PROT: '1' }));
    expect(problems.join('\n')).toContain('http.prot is not a setting');
    expect(problems.join('\n')).toContain('logs is not a setting');
    expect(problems.join('\n')).toContain('JINGWEI_HTTP_PROT is not a setting');
  });

  it('names the variable whose value is wrong', () => {
    expect(problemsOf(() => loadConfig({ JINGWEI_MQTT_PORT: '70000' }))[0]).toMatch(/^JINGWEI_MQTT_PORT: /);
    expect(problemsOf(() => loadConfig({ JINGWEI_MQTT_PORT: 'many' }))[0]).toMatch(/^JINGWEI_MQTT_PORT: /);
    expect(problemsOf(() => loadConfig({ JINGWEI_TIMEZONE: 'Mars/Olympus' }))[0]).toContain('IANA');
    expect(problemsOf(() => loadConfig({ JINGWEI_CONFIG: '/nowhere.yaml' }))[0]).toContain('/nowhere.yaml');
  });

  it('keeps a password of digits as text and never shows it', () => {
    const { config, settings } = loadConfig({ JINGWEI_ADMIN_PASSWORD: '1234567890' });
    expect(config.adminPassword).toBe('1234567890');
    expect(JSON.stringify(settings)).not.toContain('1234567890');
  });

  it('reads switches and leaves the names of the command line and the demonstration alone', () => {
    const { config } = loadConfig({
      JINGWEI_RTMP_ENABLED: 'false',
      JINGWEI_URL: 'http://x',
      JINGWEI_DEMO_SEED: '7',
    });
    expect(config.rtmp.enabled).toBe(false);
  });
});

describe('configOf', () => {
  it('refuses what the file would refuse', () => {
    expect(() => configOf({ http: { port: -1 } })).toThrow(ConfigError);
    expect(configOf({ http: { port: 0 } }).http.port).toBe(0);
  });
});

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('no ConfigError was thrown');
}
