/** A bucket of time as a parameter. */
import { z } from 'zod';

const DAY_MS = 86_400_000;

/** A bucket: ms, or an ISO 8601 duration of days, hours, minutes or seconds. */
export const bucket = z
  .string()
  .max(20)
  .transform((text, context) => {
    const ms = /^\d{1,12}$/.test(text) ? Number(text) : durationMs(text);
    if (ms >= 1000 && ms <= 366 * DAY_MS) return ms;
    context.addIssue({
      code: 'custom',
      message: 'must be ms or a duration such as PT1H, from 1 s to 366 days',
    });
    return z.NEVER;
  });

const KINDS = ['minute', 'quarter', 'hour', 'day', 'month'] as const;

/** Buckets of one length, or `minute`, `quarter`, `hour`, `day`, `month` of the city's calendar. */
export const buckets = z.union([
  z.enum(KINDS).transform((kind) => ({ bucket: kind })),
  bucket.transform((bucketMs) => ({ bucketMs })),
]);

/** ms of `P1D`, `PT15M` and the like; NaN for anything else. Months and years have no fixed length. */
function durationMs(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return Number.NaN;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return days! * DAY_MS + hours! * 3_600_000 + minutes! * 60_000 + seconds! * 1000;
}
