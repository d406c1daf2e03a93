import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { prettyLine } from './pretty-line.ts';

function told(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog('debug', { write: (line) => lines.push(prettyLine(line)) }));
  return lines.join('');
}

describe('prettyLine', () => {
  it('says when, how bad, what, and what belongs to it, on one line', () => {
    const text = told((log) =>
      log.info({ http: 8080, rtmp: null, dataDir: '/srv/my data' }, 'server is listening'),
    );
    expect(text).toMatch(/^\d\d:\d\d:\d\d server is listening {2}http=8080 dataDir="\/srv\/my data"\n$/);
    expect(told((log) => log.warn('queue is long'))).toMatch(/^\S+ WARN queue is long\n$/);
  });

  it('puts the stack of an error below it', () => {
    const lines = told((log) => log.error({ err: new Error('no disk') }, 'load failed')).split('\n');
    expect(lines[0]).toMatch(/ ERROR load failed$/);
    expect(lines[1]).toBe('    Error: no disk');
    expect(lines[2]).toMatch(/^ {8}at /);
  });

  it('lets no text from outside break the line or reach the terminal as a command', () => {
    const text = told((log) =>
      log.info({ file: 'a\nb\u001b[2J\u009b2J', err: new Error('x\r\u001b]0;title\u0007') }, 'taken'),
    );
    expect(text.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/ taken {2}file=/),
      expect.stringMatching(/^ {4}Error: x/),
    ]);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('gives back what is no line of the log', () => {
    expect(prettyLine('Killed\n')).toBe('Killed\n');
  });

  it('keeps secrets out, as the log does', () => {
    expect(told((log) => log.info({ token: 'abc', user: { password: 'abc' } }, 'x'))).not.toContain('abc');
  });
});
