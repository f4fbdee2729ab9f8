import { randomUUID } from 'node:crypto';
import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { examineSecrets } from '../../src/doctor/examine-secrets.ts';
import { PLAN } from '../fixture/workplace.ts';

const endpoint = 'https://idp.example.com/introspect';
const plan = parsePlan({
  ...PLAN,
  legacy: { ...PLAN.legacy, introspection: { endpoint, clientId: 'api', clientSecretEnv: 'LEGACY_SECRET' } },
  target: { ...PLAN.target, introspection: { endpoint, clientId: 'api', clientSecretEnv: 'TARGET_SECRET' } },
  sidecar: {
    service: 'orders-api',
    upstream: 'http://127.0.0.1:3000',
    judge: 'enforce',
    upstreamToken: 'jwt',
    exchange: { endpoint: 'https://idp.example.com/token', clientId: 'api', clientSecretEnv: 'EXCHANGE_SECRET' },
  },
});

describe('examineSecrets', () => {
  it('fails with the variable of each secret that is not set or not usable, of both sides and the exchange', () => {
    const secret = `${randomUUID()}\n`;
    const findings = examineSecrets(plan, { TARGET_SECRET: ' ', EXCHANGE_SECRET: secret });
    expect(findings.map(({ verdict, detail }) => `${verdict} ${detail}`)).toEqual([
      expect.stringMatching(/^fail legacy\.introspection\.clientSecretEnv names .* LEGACY_SECRET, which is not set/),
      expect.stringMatching(/^fail target\.introspection\.clientSecretEnv names .* TARGET_SECRET, which is empty/),
      expect.stringMatching(/^fail sidecar\.exchange\.clientSecretEnv names .* EXCHANGE_SECRET, which holds a control/),
    ]);
    expect(JSON.stringify(findings)).not.toContain(secret.trim());
  });

  it('passes those that are set, and finds nothing in a plan that names none', () => {
    const secret = randomUUID();
    const env = { LEGACY_SECRET: secret, TARGET_SECRET: secret, EXCHANGE_SECRET: secret };
    const findings = examineSecrets(plan, env);
    expect(findings.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass']);
    expect(JSON.stringify(findings)).not.toContain(secret);
    expect(examineSecrets(parsePlan(PLAN), {})).toEqual([]);
  });
});
