import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// A module without types, since it runs before anything is installed.
const module: { withoutSecrets(env: Record<string, string>): Record<string, string> } = await import(
  new URL('./child-env.mjs', import.meta.url).href
);

it('the simulated city is started without the password of the admin', () => {
  const env = {
    PATH: '/bin',
    JINGWEI_HTTP_PORT: '1',
    JINGWEI_ADMIN_PASSWORD: 'a secret',
    JINGWEI_TOKEN: 't',
  };
  expect(module.withoutSecrets(env)).toEqual({ PATH: '/bin', JINGWEI_HTTP_PORT: '1' });
  // The script starts everything when it is loaded, so its text is looked at.
  const script = readFileSync(new URL('./demo.mjs', import.meta.url), 'utf8');
  expect(script.match(/start\('simulated city'.*\)/)?.[0]).toContain('withoutSecrets(env)');
});
