/** The environment of programs that `npm run demo` starts beside the server. Plain JavaScript on node built-ins only. */

/** What only the server reads and nobody else needs to know. */
const SECRETS = ['JINGWEI_ADMIN_PASSWORD', 'JINGWEI_TOKEN'];

/** The given environment without secrets: a program's environment is read by all of its children, and by its user. */
export function withoutSecrets(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
}
