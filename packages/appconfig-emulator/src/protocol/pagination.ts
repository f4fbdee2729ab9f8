import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { readInput, wholeNumber } from './input.ts';

const pageQuery = z.object({
  max_results: wholeNumber(1, 50).optional(),
  next_token: z.string().min(1).max(2048).optional(),
});

/** Returns the page that `max_results` (default: 50) and `next_token` select. */
export function paginate<T>(
  items: readonly T[],
  query: unknown,
): { readonly Items: readonly T[]; readonly NextToken?: string } {
  const { max_results: size = 50, next_token: token } = readInput(pageQuery, query);
  const from = token === undefined ? 0 : readToken(token);
  const end = from + size;
  return { Items: items.slice(from, end), ...(end < items.length && { NextToken: writeToken(end) }) };
}

function writeToken(offset: number): string {
  return Buffer.from(`page:${offset}`).toString('base64');
}

function readToken(token: string): number {
  const match = /^page:(\d{1,9})$/.exec(Buffer.from(token, 'base64').toString('utf8'));
  if (match === null) throw new AwsError('BadRequestException', 'NextToken: must come from an earlier response');
  return Number(match[1]);
}
