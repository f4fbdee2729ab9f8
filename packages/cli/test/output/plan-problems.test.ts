import { expect, it } from 'vitest';
import { isIssuer, isName, planProblems } from '../../src/output/plan-problems.ts';

it('says what is wrong with a plan that has given settings, in the words of the plan', () => {
  const legacy = { issuer: 'https://idp.example.com', audience: 'web-app' };
  expect(planProblems({ legacy, clients: [] })).toEqual([]);
  expect(planProblems({ legacy })).toEqual([expect.stringMatching(/^clients: is required/)]);
});

it.each(['default-api', 'https://api.example.com', 'a: b'])('takes %s for a name', (name) => {
  expect(isName(name)).toBe(true);
});

it.each(['', '*', '{tenantid}', ' spaced', 'cut…', 'a\uFFFDb'])('does not take %j for a name', (name) => {
  expect(isName(name)).toBe(false);
});

it('takes an issuer whose keys are found by its name, and no other', () => {
  expect(['https://idp.example.com', 'http://localhost:4000'].map(isIssuer)).toEqual([true, true]);
  expect(['acme.com', 'http://idp.example.com', 'https://cut…'].map(isIssuer)).toEqual([false, false, false]);
});
