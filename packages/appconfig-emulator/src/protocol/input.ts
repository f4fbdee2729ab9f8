import { z } from 'zod';
import { AwsError } from './aws-error.ts';

/**
 * Reads a request's parameters and reports every problem.
 * @throws {AwsError} BadRequestException
 */
export function readInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new AwsError('BadRequestException', `${problems.length} validation error(s): ${problems.join('; ')}`);
}

/**
 * Reads a JSON body; no body is an empty object.
 * @throws {AwsError} BadRequestException
 */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return readInput(schema, parseJson(body));
}

function parseJson(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('BadRequestException', 'the body must be JSON');
  }
}

/** The description that several operations take, with the limit of the API reference. */
export const description = z.string().max(1024).optional();

/** A whole number sent as text: in a header, a path or a query string. */
export function wholeNumber(minimum: number, maximum = 2 ** 31 - 1): z.ZodType<number> {
  return z
    .string()
    .regex(/^-?\d{1,10}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
}
