import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { customOption, expected, isObject, text, texts } from '../../src/schema/expected.ts';

function problemsOf(schema: z.ZodType, value: unknown): readonly string[] {
  return schema.safeParse(value).error?.issues.map(({ path, message }) => [...path, message].join(' ')) ?? [];
}

describe('expected', () => {
  it('tells a missing setting from a wrong one', () => {
    expect(problemsOf(z.int(expected('a port')), undefined)).toEqual(['is required: a port']);
    expect(problemsOf(z.int(expected('a port')), 'http')).toEqual(['must be a port']);
  });
});

describe('customOption', () => {
  const clock = customOption<() => number>((value) => typeof value === 'function', 'a function');
  const schema = z
    .strictObject({ clock, from: z.number(), until: z.number() })
    .refine(({ from, until }) => from < until, {
      when: ({ value }) => isObject(value),
      path: ['until'],
      error: 'must be after from',
    });

  it('passes a valid option on as it is', () => {
    expect(schema.parse({ clock: Date.now, from: 1, until: 2 }).clock).toBe(Date.now);
  });

  it('reports a wrong option together with what is wrong between the other fields', () => {
    expect(problemsOf(schema, { clock: 1, from: 2, until: 1 })).toEqual([
      'clock must be a function',
      'until must be after from',
    ]);
    expect(problemsOf(schema, { from: 2, until: 1 })).toEqual([
      'clock is required: a function',
      'until must be after from',
    ]);
  });
});

describe('text and texts', () => {
  it('refuse what is empty, and what is no text', () => {
    expect(problemsOf(text('a name'), '')).toEqual(['must be a name']);
    expect(problemsOf(text('a name'), 1)).toEqual(['must be a name']);
    expect(problemsOf(texts('a name'), [])).toEqual(['must be a list: each a name']);
    expect(problemsOf(texts('a name'), 'a')).toEqual(['must be a list: each a name']);
    expect(problemsOf(texts('a name'), ['a', ''])).toEqual(['1 must be a name']);
    expect(problemsOf(texts('a name'), ['a'])).toEqual([]);
  });
});

describe('isObject', () => {
  it.each([
    [{}, true],
    [[], false],
    [null, false],
    ['text', false],
  ])('says whether %j is an object: %s', (value, isOne) => {
    expect(isObject(value)).toBe(isOne);
  });
});
