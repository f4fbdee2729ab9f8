import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlan, RUNBOOKS } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { CHECKLIST, checkItems } from '../../src/checklist/checklist.ts';
import type { ChecklistEvidence } from '../../src/checklist/checklist-item.ts';
import { fail, pass, warn } from '../../src/doctor/finding.ts';
import { PLAN } from '../fixture/workplace.ts';

const FOLDER = join(import.meta.dirname, '../../../../runbooks');
const SECTION = /^(RFC \d{4,5}|OIDC Core) §\d[\d.]*( \(\d+\)(, \(\d+\))*)?(, (RFC \d{4,5} |OIDC Core )?§\d[\d.]*)*$/;
const ISSUER = 'https://idp.example.com';

const METADATA = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/jwks`,
  code_challenge_methods_supported: ['S256'],
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  id_token_signing_alg_values_supported: ['ES256'],
};

interface Change {
  readonly plan?: object;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly findings?: ChecklistEvidence['findings'];
  readonly refusals?: Partial<NonNullable<ChecklistEvidence['refusals']>> | undefined;
  readonly apis?: readonly string[];
  readonly probe?: Partial<ChecklistEvidence['probes'][number]>;
  readonly issuers?: ChecklistEvidence['issuers'];
}

function verdicts(change: Change = {}) {
  const { plan, findings = [], refusals, apis = [], probe, issuers } = change;
  const metadata = 'metadata' in change ? change.metadata : METADATA;
  const bare = { status: 401, verdict: 'refused', challenge: 'Bearer' } as const;
  const items = checkItems({
    plan: parsePlan({ ...PLAN, ...plan }),
    findings,
    issuers: issuers ?? [{ name: ISSUER, findings: [], ...(metadata !== undefined && { metadata }) }],
    probes: apis.map((api) => ({ api, bare, forged: bare, unsigned: bare, ...probe })),
    refusals: refusals && { rejected: {}, taken: {}, seesResponses: true, ...refusals },
  });
  return Object.fromEntries(
    items.map(({ area, item, verdict, detail }) => [`${area}.${item}`, `${verdict}: ${detail}`]),
  );
}

describe('the checklist', () => {
  it.each(CHECKLIST.map((item) => [`${item.area}.${item.item}`, item] as const))(
    '%s names its sections, says why, and leads to a page that exists',
    (_, { source, what, why, runbook }) => {
      expect(source).toMatch(SECTION);
      for (const sentence of [what, why]) expect(sentence).toMatch(/^[a-zA-Z].*[^.]$/);
      expect(RUNBOOKS).toContain(runbook);
      expect(existsSync(join(FOLDER, `${runbook}.md`))).toBe(true);
    },
  );

  it('has one item of each name', () => {
    const names = CHECKLIST.map(({ area, item }) => `${area}.${item}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says how to know what cannot be known, and what to do about a failure', () => {
    const items = checkItems({ plan: parsePlan(PLAN), findings: [], issuers: [], probes: [], refusals: undefined });
    for (const { verdict, remedy, detail } of items) {
      expect(detail).not.toBe('');
      if (verdict === 'unknown' || verdict === 'fail') expect(remedy).toMatch(/.{10}/);
      else expect(remedy).toBeUndefined();
    }
  });

  it('passes nothing for lack of evidence, except what the plan settles', () => {
    const passed = Object.entries(verdicts({ metadata: undefined })).filter(([, text]) => text.startsWith('pass'));
    expect(passed.map(([name]) => name)).toEqual(['api.lifetime']);
  });

  it('passes what the metadata of the issuer tells', () => {
    const told = Object.entries(verdicts()).filter(([name]) => name.startsWith('issuer.'));
    expect(told.map(([name, text]) => `${name} ${text.split(':')[0]}`)).toEqual([
      'issuer.pkce pass',
      'issuer.implicit_grant pass',
      'issuer.password_grant pass',
      'issuer.mix_up n/a',
      'issuer.client_authentication pass',
      'issuer.unsigned_id_token pass',
      'issuer.endpoints_tls pass',
      'issuer.audience_restricted unknown',
    ]);
  });

  it.each([
    ['issuer.pkce', { code_challenge_methods_supported: ['plain'] }],
    ['issuer.implicit_grant', { response_types_supported: ['code', 'id_token token'] }],
    ['issuer.password_grant', { grant_types_supported: ['password'] }],
    ['issuer.client_authentication', { token_endpoint_auth_methods_supported: ['client_secret_basic'] }],
    ['issuer.unsigned_id_token', { id_token_signing_alg_values_supported: ['none'] }],
    ['issuer.endpoints_tls', { token_endpoint: 'http://idp.example.com/token' }],
  ])('fails %s by its metadata, and does not know without', (name, change) => {
    expect(verdicts({ metadata: { ...METADATA, ...change } })[name]).toMatch(/^fail/);
    const [field = ''] = Object.keys(change);
    const expected = name === 'issuer.endpoints_tls' ? /^pass/ : /^unknown: .* does not tell/;
    expect(verdicts({ metadata: { ...METADATA, [field]: undefined } })[name]).toMatch(expected);
    expect(verdicts({ metadata: undefined })[name]).toMatch(/^unknown: no metadata/);
  });

  it.each([
    ['api.signature', 'bad_signature'],
    ['api.algorithms', 'unsupported_algorithm'],
    ['api.issuer', 'wrong_issuer'],
    ['api.audience', 'wrong_audience'],
    ['api.expiry', 'expired'],
    ['api.type', 'wrong_type'],
    ['api.id_token', 'id_token'],
  ])('judges %s by what the sidecars saw', (name, reason) => {
    const rejected = { [reason]: 3 };
    expect(verdicts({ refusals: { rejected } })[name]).toMatch(/^pass: 3 requests had .* no API took one/);
    expect(verdicts({ refusals: { rejected, seesResponses: false } })[name]).toMatch(/^unknown/);
    expect(verdicts({ refusals: { rejected, taken: { [reason]: 1 } } })[name]).toMatch(/^fail: an API took 1 request/);
    expect(verdicts({ refusals: {} })[name]).toMatch(/^unknown/);
  });

  it('fails what a forged token got through, whatever the sidecars saw', () => {
    const findings = [
      fail('forged', 'https://a.example: a token that is signed with a foreign key is taken', 'verify'),
    ];
    const refusals = { rejected: { bad_signature: 3 } };
    expect(verdicts({ findings, refusals })['api.signature']).toMatch(/^fail: .*foreign key/);
    expect(verdicts({ findings, refusals })['api.algorithms']).toMatch(/^unknown/);
    const refused = [pass('forged', 'https://a.example: a token with alg none is refused with 401')];
    expect(verdicts({ findings: refused })['api.algorithms']).toMatch(/^pass/);
  });

  it('takes an enforcing sidecar for the checks of the API', () => {
    const sidecar = { service: 'orders-api', mode: 'proxy', judge: 'enforce', upstream: 'http://127.0.0.1:3000' };
    const target = { ...PLAN.target, senderConstrained: 'dpop' };
    const judged = verdicts({ plan: { sidecar, target } });
    for (const name of ['api.expiry', 'api.audience', 'api.key_source'])
      expect(judged[name]).toMatch(/^pass: the sidecar/);
    expect(judged['api.leeway']).toBe('pass: clockTolerance is 5s');
    expect(judged['api.sender_constrained']).toMatch(/^pass: target\.senderConstrained is dpop/);
    const observed = verdicts({ plan: { target } });
    for (const name of ['api.leeway', 'api.sender_constrained']) expect(observed[name]).toMatch(/^unknown/);
  });

  it('fails an API that takes any audience, a long leeway, and long lifetimes', () => {
    const { audience: _, ...legacy } = PLAN.legacy;
    const any = { ...legacy, anyAudience: true, acknowledgeRisk: true };
    expect(verdicts({ plan: { legacy: any } })['api.audience']).toMatch(/^fail: legacy\.anyAudience/);
    expect(verdicts({ plan: { target: { ...PLAN.target, tokenLifetime: '1d' } } })['api.lifetime']).toMatch(/^fail/);
  });

  it('carries findings over, with what they say', () => {
    const findings = [warn('api', '/orders responds with 401, which has no WWW-Authenticate', 'send it')];
    expect(verdicts({ findings })['api.challenge']).toBe(`fail: ${findings[0]?.detail}`);
    expect(verdicts()['api.challenge']).toBe('unknown: no API was asked');
  });

  it('sees a client that sends ID tokens to an API', () => {
    expect(verdicts({ refusals: { rejected: { id_token: 2 } } })['client.no_id_token_to_api']).toMatch(
      /^fail: .* saw 2/,
    );
    expect(verdicts({ refusals: {} })['client.no_id_token_to_api']).toMatch(/^pass/);
    for (const refusals of [undefined, { seesResponses: false }])
      expect(verdicts({ refusals })['client.no_id_token_to_api']).toMatch(/^unknown/);
  });

  it('does not call a connection without TLS safe', () => {
    expect(verdicts({ apis: ['https://a.example/'] })['api.tls']).toMatch(/^pass/);
    expect(verdicts({ apis: ['http://127.0.0.1:8080/'] })['api.tls']).toMatch(/^unknown: http:\/\/127/);
    const probe = { bare: { failure: 'DEPTH_ZERO_SELF_SIGNED_CERT' } };
    const silent = verdicts({ apis: ['https://a.example/'], probe });
    expect(silent['api.tls']).toMatch(/^unknown: https:\/\/a\.example\/: DEPTH_ZERO_SELF_SIGNED_CERT/);
    expect(silent['api.gateways']).toBe('unknown: no API responded');
  });

  it('passes the refusal of a forged token or an ID token only where the API takes a target token', () => {
    const findings = [
      pass('forged', 'https://a.example: a token that is signed with a foreign key is refused with 401'),
      pass('forged', 'https://a.example: a token with alg none is refused with 401'),
      pass('id_token', 'https://a.example: an ID token is refused with 401'),
    ];
    const items = ['api.signature', 'api.algorithms', 'api.id_token'];
    const judgedWith = (target?: ChecklistEvidence['probes'][number]['target']) => {
      const judged = verdicts({ findings, apis: ['https://a.example'], ...(target && { probe: { target } }) });
      return items.map((name) => judged[name]?.split(':')[0]);
    };
    expect(judgedWith({ status: 200, verdict: 'taken', challenge: '' })).toEqual(['pass', 'pass', 'pass']);
    const unknown = ['unknown', 'unknown', 'unknown'];
    expect(judgedWith({ status: 401, verdict: 'refused', challenge: 'Bearer' })).toEqual(unknown);
    expect(judgedWith()).toEqual(unknown);
  });

  it('does not take the clock of the issuer for the one of the API', () => {
    const ofIssuer = pass('clock', 'this clock agrees with the one of https://idp.example.com');
    expect(verdicts({ findings: [ofIssuer] })['api.clocks']).toMatch(/^unknown: .*no sidecar/);
    const ofSidecars = pass('clock', 'this clock agrees with those of the sidecars (2)');
    expect(verdicts({ findings: [ofIssuer, ofSidecars] })['api.clocks']).toMatch(/^pass/);
  });

  it('passes nothing by the metadata of one issuer of two', () => {
    const issuers = [
      { name: ISSUER, findings: [], metadata: METADATA },
      { name: 'https://old.example.com', findings: [] },
    ];
    expect(verdicts({ issuers })['issuer.pkce']).toBe('unknown: no metadata of https://old.example.com was read');
  });
});
