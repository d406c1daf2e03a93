/** Who is asking: the one answer of every way to prove it. */
import type { Role } from '../../viz/schema/index.ts';

export type { Role };

/** All roles, for checks of what comes from outside. */
export const ROLES = [
  'admin',
  'operator',
  'analyst',
  'officer',
  'device',
  'auditor',
] as const satisfies readonly Role[];

/** Roles that a person or a program may be given; `device` belongs to principals of the device port. */
export const GRANTABLE_ROLES = [
  'admin',
  'operator',
  'analyst',
  'officer',
  'auditor',
] as const satisfies readonly Role[];

export interface Identity {
  /** User name, `token:<id>`, `seat:<id>` or the principal's id. */
  readonly subject: string;
  readonly role: Role;
  /** A wall seat: reads only, never times out. */
  readonly kiosk: boolean;
  /** How it was proved. A cookie can be sent by another site's page, a bearer token cannot. */
  readonly via: 'session' | 'token' | 'device';
  /** A device whose publish list is empty: it may listen and say nothing, through no door. */
  readonly mute?: true;
  /** Hash of the credential, to end the session by. */
  readonly credential: string;
}
