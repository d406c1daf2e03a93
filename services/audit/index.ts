/** The audit trail. */
export * from './audit.ts';
