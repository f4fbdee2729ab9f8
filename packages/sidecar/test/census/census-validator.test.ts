import { UnavailableError } from '@crossfade/core';
import { createValidator } from '@crossfade/validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Census, createCensus } from '../../src/census/census.ts';
import { type JudgingValidator, UNCONFIGURED_VALIDATOR, withCensus } from '../../src/census/census-validator.ts';
import { type Issuer, startIssuer } from '../fixture/issuer.ts';
import { LEGACY, TARGET } from '../fixture/testbed.ts';

let issuer: Issuer;
let validator: JudgingValidator;
beforeAll(async () => {
  issuer = await startIssuer();
  const side = { issuer: issuer.url };
  validator = createValidator({
    legacy: { ...side, audience: LEGACY },
    target: { ...side, audience: TARGET },
    clients: [],
  });
});
afterAll(async () => {
  validator.close();
  await issuer.close();
});

const openCensus = (): Census => createCensus({ now: () => 0 });
const bearer = (token: string) => [`Bearer ${token}`];

test('what is accepted is left to the meter, while what is rejected is noted', async () => {
  const census = openCensus();
  const judging = withCensus(validator, census, 'rejected');
  const accepted = bearer(await issuer.mint({ aud: LEGACY }));
  expect(await judging.judgeHeader(accepted)).toMatchObject({ outcome: 'accepted' });
  expect(judging.judgeHeader(accepted)).toMatchObject({ outcome: 'accepted' });
  expect(census.read().rows).toEqual([]);

  await judging.judgeHeader(bearer(await issuer.mint({ aud: 'https://other.example.com' })));
  await judging.judgeHeader(bearer(await issuer.forge({ aud: LEGACY })));
  await judging.judgeHeader([]);
  expect(census.read().rows).toMatchObject([
    { audiences: ['https://other.example.com'], signature: 'verified', clientId: 'web-app' },
    { audiences: [LEGACY], signature: 'unchecked' },
    { kind: 'none' },
  ]);
});

test('while a side is to be found, accepted tokens are noted, too', async () => {
  const census = openCensus();
  const judging = withCensus(validator, census, 'all');
  const accepted = bearer(await issuer.mint({ aud: LEGACY }));
  await judging.judgeHeader(accepted, 'request', () => undefined);
  await judging.judgeHeader(accepted, 'request', () => undefined);
  expect(census.read().rows).toMatchObject([{ audiences: [LEGACY], signature: 'verified', kind: 'access', count: 2 }]);
});

test('a token that cannot be judged now is noted as unchecked', async () => {
  const census = openCensus();
  const down: JudgingValidator = { ...validator, judgeHeader: () => Promise.reject(new UnavailableError('keys')) };
  const token = bearer(await issuer.mint({ aud: LEGACY }));
  await expect(Promise.resolve(withCensus(down, census, 'rejected').judgeHeader(token))).rejects.toThrow('keys');
  expect(census.read().rows).toMatchObject([{ signature: 'unchecked', audiences: [LEGACY] }]);
});

test('a fault of the validator stays what it is', async () => {
  const broken: JudgingValidator = { ...validator, judgeHeader: () => Promise.reject(new TypeError('fault')) };
  const judging = withCensus(broken, openCensus(), 'all');
  await expect(Promise.resolve(judging.judgeHeader(['Bearer x']))).rejects.toThrow(TypeError);
});

test('without legacy in the plan no token can be judged', async () => {
  await expect(UNCONFIGURED_VALIDATOR.judge('token')).rejects.toThrow(UnavailableError);
  await expect(Promise.resolve(UNCONFIGURED_VALIDATOR.judgeHeader('Bearer token'))).rejects.toThrow('no legacy side');
  const { acceptance, keys, close } = UNCONFIGURED_VALIDATOR;
  expect([acceptance(), keys(), close()]).toEqual(['legacy', [], undefined]);
});
