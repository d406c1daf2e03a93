import { describe, expect, it } from 'vitest';
import { newSecret } from './secret.ts';

describe('newSecret', () => {
  it('has 43 characters and never begins with a dash, which a command line would take for an option', () => {
    const secrets = Array.from({ length: 2000 }, newSecret);
    for (const secret of secrets) expect(secret).toMatch(/^\w[\w-]{42}$/);
    expect(new Set(secrets).size).toBe(secrets.length);
  });
});
