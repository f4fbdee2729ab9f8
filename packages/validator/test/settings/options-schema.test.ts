import { expect, test } from 'vitest';
import { optionProblems, optionsSchema } from '../../src/settings/options-schema.ts';
import { createSigningKey } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey();
const legacy = { issuer: ISSUER, audience: 'default-api' };

function pathsOf(options: unknown): readonly string[] {
  return optionsSchema.safeParse(options).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

test('a side without options accepts every asymmetric algorithm and has no rules', () => {
  const { legacy: side, ...others } = optionsSchema.parse({ legacy });

  expect(side).toMatchObject({ requiredScope: [], claims: {} });
  expect(side.algorithms).toEqual(expect.arrayContaining(['RS256', 'PS256', 'ES256', 'EdDSA']));
  expect(side.algorithms.filter((algorithm) => /^(HS|none)/.test(algorithm))).toEqual([]);
  expect(others).toMatchObject({ acceptance: 'both', clockTolerance: '60s', maxTokenBytes: 16_384 });
});

test('problems between the sides are reported together with all others', () => {
  const wrong = { now: 1, dpop: { replay: {} }, keyStore: {}, acceptance: 'target', legacy, target: legacy };

  expect(pathsOf(wrong).toSorted()).toEqual(['dpop.replay', 'keyStore', 'now']);
  expect(optionProblems(wrong).map(({ path }) => path)).toEqual(['clients', 'target.audience']);
});

test('a local key set must hold a key that verifies', () => {
  const keysOf = (keys: readonly object[]) => pathsOf({ legacy: { ...legacy, keys: { keys } } });

  expect(keysOf([key.publicJwk])).toEqual([]);
  expect(keysOf([{ ...key.publicJwk, use: 'enc' }])).toEqual(['legacy.keys']);
});

test('any audience needs the word of the operator', () => {
  const any = { issuer: ISSUER, anyAudience: true };

  expect(pathsOf({ legacy: any, clients: [] })).toEqual(['legacy.acknowledgeRisk']);
  expect(pathsOf({ legacy: { ...any, acknowledgeRisk: true }, clients: [] })).toEqual([]);
});

test.each([[undefined], [null], [1], ['legacy'], [[]]])('%j is rejected as options', (options) => {
  expect(pathsOf(options).length).toBeGreaterThan(0);
});

test.each([
  [new URL('https://idp.example.com/jwks'), []],
  ['https://idp.example.com/jwks', []],
  [{ url: new URL('http://keycloak:8080/certs'), allowHttp: true }, []],
  [{ url: 'http://keycloak:8080/certs', allowHttp: true }, []],
  [new URL('http://keycloak:8080/certs'), ['legacy.keys']],
  [{ url: new URL('http://keycloak:8080/certs') }, ['legacy.keys']],
  [{ url: new URL('http://user:secret@keycloak/certs'), allowHttp: true }, ['legacy.keys']],
  [{ url: new URL('file:///certs.json'), allowHttp: true }, ['legacy.keys']],
])('keys may be fetched over http only where the options say so: %o', (keys, paths) => {
  const problems = pathsOf({ legacy: { ...legacy, keys } }).map((path) => path.split('.').slice(0, 2).join('.'));

  expect([...new Set(problems)]).toEqual(paths);
});
