/** Who may do what. */
export * from './access.ts';
export * from './cli-token.ts';
export * from './devices.ts';
export * from './identify.ts';
export * from './identity.ts';
export * from './login-limit.ts';
export * from './password.ts';
export * from './same-origin.ts';
export * from './secret.ts';
export * from './sessions.ts';
export * from './tokens.ts';
export * from './users.ts';
