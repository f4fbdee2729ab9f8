import { randomUUID } from 'node:crypto';
import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { examineIntrospection } from '../../src/doctor/examine-introspection.ts';
import { startIntrospection } from '../fixture/introspection.ts';
import { startIssuer } from '../fixture/issuer.ts';
import { PLAN } from '../fixture/workplace.ts';

const client = { clientId: 'inspector', clientSecretEnv: 'IDP_SECRET' };

function examine(
  { legacy, target }: { readonly legacy?: object; readonly target?: object },
  secret: string | undefined,
) {
  const plan = parsePlan({ ...PLAN, legacy: { ...PLAN.legacy, ...legacy }, target: { ...PLAN.target, ...target } });
  return examineIntrospection(plan, { env: { IDP_SECRET: secret }, now: Date.now });
}

describe('examineIntrospection', () => {
  it('passes an endpoint that calls a made-up token inactive, each side on its own', async () => {
    const secret = randomUUID();
    const { url, origin, asked } = await startIntrospection(secret);
    const findings = await examine(
      {
        legacy: { introspection: { ...client, endpoint: `${origin}/elsewhere` } },
        target: { introspection: { ...client, endpoint: url } },
      },
      secret,
    );
    expect(findings.map(({ verdict, detail }) => `${verdict} ${detail}`).sort()).toEqual([
      expect.stringMatching(/^fail legacy: the introspection endpoint of .* answered 404$/),
      'pass target: the endpoint responds, and calls a made-up token inactive',
    ]);
    expect(asked).toEqual([expect.stringMatching(/^crossfade-doctor-/)]);
  });

  it('finds the endpoint by the metadata of the issuer, and fails where the metadata names none', async () => {
    const secret = randomUUID();
    const [{ url }, issuer] = await Promise.all([startIntrospection(secret), startIssuer()]);
    const legacy = { issuer: issuer.url, introspection: client };
    expect(await examine({ legacy }, secret)).toMatchObject([
      { check: 'introspection', verdict: 'fail', detail: expect.stringContaining('cannot be found') },
    ]);
    issuer.metadata['introspection_endpoint'] = url;
    expect(await examine({ legacy }, secret)).toMatchObject([{ verdict: 'pass' }]);
  });

  it('fails where the endpoint cannot be reached, rejects the credentials or does not answer as RFC 7662 says', async () => {
    const secret = randomUUID();
    const endpoint = await startIntrospection(secret);
    const introspection = { ...client, endpoint: endpoint.url };
    const unreachable = { ...client, endpoint: 'http://127.0.0.1:1/introspect' };
    const detail = async (settings: object, given = secret) => {
      const [finding] = await examine({ legacy: { introspection: settings } }, given);
      expect(finding).toMatchObject({ verdict: 'fail', remedy: expect.stringContaining('legacy.introspection') });
      return finding?.detail;
    };
    expect(await detail(unreachable)).toMatch(/cannot be reached$/);
    const wrong = randomUUID();
    expect(await detail(introspection, wrong)).toMatch(/rejects the credentials of this API \(401\)/);
    expect(await detail(introspection, wrong)).not.toContain(wrong);
    endpoint.response = { ok: true };
    expect(await detail(introspection)).toContain('without a boolean active');
    endpoint.response = { active: true, aud: 'default-api', exp: Math.floor(Date.now() / 1000) + 60 };
    expect(await detail(introspection)).toBe('legacy: the endpoint calls a made-up token active');
  });

  it('asks nothing without introspection, and nothing without its secret', async () => {
    const { url, asked } = await startIntrospection(randomUUID());
    expect(await examine({}, randomUUID())).toEqual([]);
    expect(await examine({ legacy: { introspection: { ...client, endpoint: url } } }, undefined)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
