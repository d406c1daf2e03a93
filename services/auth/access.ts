/** From a role to what it may see: the `Access` that every query shape takes. Until grants come, the role alone decides. */
import type { Access } from '../../analytics/index.ts';
import type { Identity } from './identity.ts';

/** What someone may see of the rows. Routes decide who may ask; this says what the answer may hold. */
export function accessOf(identity: Identity): Access {
  return {
    subject: identity.subject,
    role: identity.role,
    datasets: identity.role === 'device' ? [] : 'all',
    area: null,
    finestLevel: null,
    masks: [],
    purpose: identity.kiosk ? 'wall' : 'operation',
  };
}
