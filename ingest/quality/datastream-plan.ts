import type { DatasetDeclaration, DecodeContext, RejectionCode, ThingDeclaration } from '../model/index.ts';
import { convert, type UnitConversion, unitConversion } from './units.ts';

/** What a value of one Datastream must pass: its unit, and the narrower of the physical and the declared limits. */
export interface DatastreamPlan {
  readonly property: string;
  readonly conversion: UnitConversion;
  /** Inclusive, canonical unit. */
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/** A Thing as decoders meet it: its dataset and a plan for each property it observes. */
export interface ThingPlan {
  readonly thing: ThingDeclaration;
  readonly dataset: DatasetDeclaration;
  readonly datastreams: ReadonlyMap<string, DatastreamPlan>;
}

/** Plans live as long as the declaration objects they were made of, so a change is never missed. */
const plans = new WeakMap<ThingDeclaration, ThingPlan>();

/**
 * The plan of a Thing in a context; undefined when its dataset is not declared. A Datastream with an unknown property or a
 * unit that cannot be converted has no plan: `declarationProblems` refuses such a declaration before it gets here.
 */
export function thingPlan(thing: ThingDeclaration, context: DecodeContext): ThingPlan | undefined {
  const dataset = context.dataset(thing.dataset);
  if (dataset === undefined) return undefined;
  const known = plans.get(thing);
  if (known !== undefined && known.dataset === dataset) return known;
  const datastreams = new Map<string, DatastreamPlan>();
  for (const datastream of thing.datastreams) {
    const property = context.property(datastream.property, dataset.id);
    if (property === undefined) continue;
    const conversion = unitConversion(datastream.unit ?? property.unit, property.unit);
    if (conversion === undefined) continue;
    datastreams.set(datastream.property, {
      property: property.id,
      conversion,
      min: Math.max(property.min, datastream.min ?? property.min),
      max: Math.min(property.max, datastream.max ?? property.max),
      unit: property.unit,
    });
  }
  const plan = { thing, dataset, datastreams };
  plans.set(thing, plan);
  return plan;
}

/** A checked value in the canonical unit, or why it is none. */
export type CheckedValue = number | { readonly code: RejectionCode; readonly message: string };

/** Converts and checks one value as it came; text in a number, NaN and infinity are refused, never read as numbers. */
export function checkValue(plan: DatastreamPlan, value: unknown): CheckedValue {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return {
      code: 'not-a-number',
      message: `Value of "${plan.property}" is ${quote(value)}: it must be a finite number`,
    };
  }
  const result = convert(value, plan.conversion);
  if (result >= plan.min && result <= plan.max) return result;
  return {
    code: 'out-of-range',
    message: `Value of "${plan.property}" is ${result} ${plan.unit}: it must be ${plan.min}..${plan.max}`,
  };
}

/** A value from outside in a message: short, and told apart by its type. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === undefined) return 'missing';
  return Array.isArray(value) ? 'a list' : 'an object';
}
