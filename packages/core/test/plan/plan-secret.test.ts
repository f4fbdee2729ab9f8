import { expect, it } from 'vitest';
import { secretProblem } from '../../src/plan/plan-secret.ts';

it.each(['s3cret', 'with spaces ', 'a+b%20c:d&e=f', 'pässwörd'])('takes the secret %j', (secret) => {
  expect(secretProblem('IDP_SECRET', { IDP_SECRET: secret })).toBeUndefined();
});

it.each([
  [undefined, 'is not set: set it to the client secret'],
  ['', 'is empty: set it to the client secret'],
  [' \n', 'is empty: set it to the client secret'],
  ['s3cret\n', 'holds a control character, such as a line feed at its end: remove it'],
  ['s3\0cret', 'holds a control character, such as a line feed at its end: remove it'],
])('names the variable of %j and what to do, never the value', (secret, problem) => {
  const message = secretProblem('IDP_SECRET', { IDP_SECRET: secret, OTHER: 'x' });

  expect(message).toBe(`names the environment variable IDP_SECRET, which ${problem}`);
  expect(message).not.toContain('s3');
});
