/** The table of stream forms and directions: one line each. */
import { arrowDecoder, arrowEncoder } from './arrow-session.ts';
import { jsonSession } from './json-session.ts';
import { decodeObjects, ndjsonDecoder } from './ndjson-decode.ts';
import { encodeObjects, ndjsonEncoder, type PositionFields } from './ndjson-encode.ts';
import type { DecodePlan, EncodePlan } from './plan.ts';
import type { CodingSession } from './session.ts';

/** How the rows of a stream are written; the answer is written the same way. */
export type StreamForm = 'ndjson' | 'arrow' | 'json';

/** What a stream is asked to do; plain data, it crosses a thread. */
export type StreamRequest =
  | {
      readonly direction: 'encode';
      readonly form: StreamForm;
      readonly plan: EncodePlan;
      readonly fields: PositionFields;
    }
  | {
      readonly direction: 'decode';
      readonly form: StreamForm;
      readonly plan: DecodePlan;
      /** Member or column that holds the code. */
      readonly field: string;
    };

export function openSession(request: StreamRequest): CodingSession {
  if (request.direction === 'encode') {
    const { form, plan, fields } = request;
    if (form === 'ndjson') return ndjsonEncoder(plan, fields);
    if (form === 'arrow') return arrowEncoder(plan, fields);
    return jsonSession((objects) => encodeObjects(plan, objects, fields));
  }
  const { form, plan, field } = request;
  if (form === 'ndjson') return ndjsonDecoder(plan, field);
  if (form === 'arrow') return arrowDecoder(plan, field);
  return jsonSession((objects) => decodeObjects(plan, objects, field));
}
