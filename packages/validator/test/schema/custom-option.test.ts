import { expect, test } from 'vitest';
import { z } from 'zod';
import { handedIn } from '../../src/schema/custom-option.ts';
import { must } from '../../src/schema/expected.ts';

const clock = handedIn<() => number>((value) => typeof value === 'function', must('a function').error);
const schema = z
  .strictObject({ clock, from: z.number(), until: z.number() })
  .refine(({ from, until }) => from < until, {
    when: ({ value }) => typeof value === 'object' && value !== null,
    path: ['until'],
    error: 'must be after from',
  });

function problemsOf(value: unknown): readonly string[] {
  return schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
}

test('what is handed in stays what it is', () => {
  expect(schema.parse({ clock: Date.now, from: 1, until: 2 }).clock).toBe(Date.now);
});

test('a wrong one is said beside what is wrong with the other fields together', () => {
  expect(problemsOf({ clock: 1, from: 2, until: 1 })).toEqual(['clock must be a function', 'until must be after from']);
  expect(problemsOf({ from: 2, until: 1 })).toEqual(['clock is required: a function', 'until must be after from']);
});
