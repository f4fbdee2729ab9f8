import { describe, expect, it } from 'vitest';
import { checkFlagSet } from '../../src/flags/check-flag-set.ts';
import { AwsError } from '../../src/protocol/aws-error.ts';

function problemsOf(document: unknown): string[] {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  try {
    checkFlagSet(Buffer.from(text));
    return [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    expect(error.members).toMatchObject({ Reason: 'InvalidConfiguration' });
    const { InvalidConfiguration } = error.members['Details'] as {
      InvalidConfiguration: { Location: string; Constraint?: string }[];
    };
    return InvalidConfiguration.map(({ Location, Constraint }) => `${Location} ${Constraint}`);
  }
}

function withAttribute(constraints: Record<string, unknown> | undefined, value?: unknown): unknown {
  return {
    version: '1',
    flags: { flag: { attributes: { size: { constraints } } } },
    values: { flag: { enabled: true, ...(value !== undefined && { size: value }) } },
  };
}

describe('a feature flag document', () => {
  it('may contain everything that the type reference allows', () => {
    const document = {
      version: '1',
      flags: {
        'issue-target': {
          name: 'Issue target',
          description: 'which logins ask for the target audience',
          _createdAt: 'then',
          _updatedAt: 'now',
          _deprecation: { status: 'planned', date: '2027-01-31' },
          attributes: {
            percent: {
              description: 'share',
              constraints: { type: 'number', required: true, minimum: 0, maximum: 100 },
            },
            note: { constraints: { type: 'string', pattern: '^[a-z]+$' } },
            colour: { constraints: { type: 'string', enum: ['red', 'green'] } },
            on: { constraints: { type: 'boolean' } },
            list: { constraints: { type: 'array', elements: { type: 'number', maximum: 3 } } },
            free: {},
          },
        },
        many: { attributes: { percent: {} } },
        bare: {},
      },
      values: {
        'issue-target': {
          enabled: true,
          _createdAt: 'then',
          percent: 25.5,
          note: 'abc',
          colour: 'red',
          on: true,
          list: [1, 3],
          free: 'x',
        },
        many: {
          _variants: [
            { name: 'one', enabled: true, rule: '(eq $a 1)', attributeValues: { percent: 1 } },
            { name: 'rest', enabled: false },
          ],
        },
      },
    };
    expect(problemsOf(document)).toEqual([]);
  });

  it.each([
    ['is not JSON', '{', [' undefined']],
    ['is not an object', [], [' invalid_type']],
    ['has no version', {}, ['/version invalid_value']],
    ['has another version', { version: '2' }, ['/version invalid_value']],
    ['has a stranger at the top', { version: '1', flag: {} }, [' unrecognized_keys']],
    ['has a bad flag key', { version: '1', flags: { 'A b': {} } }, ['/flags/A b invalid_key']],
    [
      'has a value without definition',
      { version: '1', flags: {}, values: { a: { enabled: true } } },
      ['/values/a definition'],
    ],
    [
      'has a value named like an object method, without definition',
      { version: '1', flags: {}, values: { toString: { enabled: true } } },
      ['/values/toString definition'],
    ],
    [
      'has an attribute without definition',
      { version: '1', flags: { a: {} }, values: { a: { percent: 1 } } },
      ['/values/a/percent definition'],
    ],
    [
      'has an attribute with a bad key',
      { version: '1', flags: { a: {} }, values: { a: { _x: 1 } } },
      ['/values/a/_x custom'],
    ],
    [
      'has an object as an attribute',
      { version: '1', flags: { a: {} }, values: { a: { x: {} } } },
      ['/values/a/x invalid_union'],
    ],
    [
      'says enabled with a string',
      { version: '1', flags: { a: {} }, values: { a: { enabled: 'true' } } },
      ['/values/a/enabled invalid_type'],
    ],
    [
      'has a variant without name',
      { version: '1', flags: { a: {} }, values: { a: { _variants: [{ enabled: true }] } } },
      ['/values/a/_variants/0/name invalid_type'],
    ],
  ])('is rejected when it %s', (_what, document, problems) => {
    expect(problemsOf(document)).toEqual(problems);
  });

  it.each([
    [{ type: 'number', minimum: 0 }, -1, 'minimum'],
    [{ type: 'number', maximum: 100 }, 101, 'maximum'],
    [{ type: 'number' }, '1', 'type'],
    [{ type: 'string', pattern: '^a' }, 'b', 'pattern'],
    [{ type: 'string', pattern: '(' }, 'b', 'pattern'],
    [{ type: 'string', enum: ['a', 1] }, 'b', 'enum'],
    [{ type: 'boolean' }, 'true', 'type'],
    [{ type: 'array' }, 'a', 'type'],
    [{ type: 'number', required: true }, undefined, 'required'],
  ])('is rejected when a value breaks %j', (constraints, value, constraint) => {
    expect(problemsOf(withAttribute(constraints, value))).toEqual([`/values/flag/size ${constraint}`]);
  });

  it('is rejected when an element of an array, or a value of a variant, breaks its constraint', () => {
    expect(problemsOf(withAttribute({ type: 'array', elements: { type: 'string', enum: ['a'] } }, ['a', 'b']))).toEqual(
      ['/values/flag/size/1 enum'],
    );
    const flags = { flag: { attributes: { size: { constraints: { type: 'number', maximum: 1 } } } } };
    const values = { flag: { _variants: [{ name: 'v', enabled: true, attributeValues: { size: 2 } }] } };
    expect(problemsOf({ version: '1', flags, values })).toEqual([
      '/values/flag/_variants/0/attributeValues/size maximum',
    ]);
  });

  it('is rejected with every problem, not only the first', () => {
    expect(problemsOf({ version: '1', flags: { a: {} }, values: { a: { x: 1 }, b: {} } })).toEqual([
      '/values/a/x definition',
      '/values/b definition',
    ]);
  });

  it('is rejected when a flag defines, or a value has, more than 25 attributes', () => {
    const attributes = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`a${index}`, {}]));
    expect(problemsOf({ version: '1', flags: { flag: { attributes } } })).toEqual(['/flags/flag/attributes custom']);
    const numbers = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`a${index}`, index]));
    expect(problemsOf({ version: '1', flags: { flag: {} }, values: { flag: numbers } })).toEqual([
      '/values/flag custom',
    ]);
  });
});
