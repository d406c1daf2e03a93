/** The simulated city as a library, for tests and benches. `main.ts` runs it. */
export { backfill } from './backfill.ts';
export { type CityMessage, type Emitter, nextDue } from './emitter.ts';
export { type CityPlan, type DeviceRequest, FLEET_SIZE, messagesAt, planCity } from './plan.ts';
export { featureFiles } from './records/features.ts';
export { hotlineDelivery } from './records/hotline.ts';
export { type CityState, type CityTotals, cityState } from './state.ts';
