import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../model/index.ts';

/** Compared with when the name is unknown, so that a wrong name takes as long as a wrong token. */
const NOBODY = Buffer.alloc(32);

/** Who may connect: principals by id, with their tokens as SHA-256. */
export class Credentials {
  #principals = new Map<string, Principal>();

  /** Replaces all principals. */
  replace(principals: readonly Principal[]): void {
    this.#principals = new Map(principals.map((principal) => [principal.id, principal]));
  }

  /** The principal as it is now, if it exists and is not disabled. */
  current(id: string): Principal | undefined {
    const principal = this.#principals.get(id);
    return principal === undefined || principal.disabled ? undefined : principal;
  }

  /** The principal with this name and token, or undefined. Takes the same time whether the name or the token is wrong. */
  verify(username: string, token: Uint8Array): Principal | undefined {
    const principal = this.current(username);
    const given = createHash('sha256').update(token).digest();
    const wanted = principal === undefined ? NOBODY : Buffer.from(principal.tokenHash, 'hex');
    const equal = timingSafeEqual(given, wanted.length === given.length ? wanted : NOBODY);
    return equal ? principal : undefined;
  }
}
