import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { examineIssuer, issuersOf } from '../../src/doctor/examine-issuer.ts';
import { publicKey, startIssuer } from '../fixture/issuer.ts';
import { PLAN } from '../fixture/workplace.ts';

const tools = { clockToleranceMs: 5000, now: Date.now, signal: new AbortController().signal };

async function examine(issuer: string) {
  return (await examineIssuer({ issuer }, tools)).findings.map(
    ({ check, verdict, detail }) => `${check} ${verdict}: ${detail}`,
  );
}

describe('examineIssuer', () => {
  it.each(['/tenant/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/tenant'])(
    'finds the metadata of an issuer with a path at %s',
    async (wellKnown) => {
      const issuer = await startIssuer('/tenant');
      issuer.wellKnown = wellKnown;
      expect((await examine(issuer.url))[0]).toContain('metadata pass');
    },
  );

  it('fails when the metadata names another issuer, even by a trailing slash', async () => {
    const issuer = await startIssuer();
    issuer.metadata['issuer'] = `${issuer.url}/`;
    expect((await examine(issuer.url))[0]).toContain('metadata fail');
  });

  it('fails without metadata and without keys in it', async () => {
    const issuer = await startIssuer();
    delete issuer.metadata['jwks_uri'];
    expect((await examine(issuer.url))[0]).toContain('metadata fail');
    issuer.wellKnown = '/elsewhere';
    expect(await examine(issuer.url)).toEqual([`metadata fail: ${issuer.url} responded with 404`]);
  });

  it('needs no metadata of an issuer whose keys the plan holds, whatever its name', async () => {
    const keys = { keys: [{ ...publicKey('one') }] };
    expect((await examineIssuer({ issuer: 'acme.com', keys }, tools)).findings).toMatchObject([
      { check: 'keys', verdict: 'pass', detail: 'acme.com publishes 1 key that verifies signatures' },
    ]);
  });

  it('fetches keys from where the plan says', async () => {
    const { url } = await startIssuer();
    const issuer = 'http://adfs.example.com/adfs/services/trust';
    for (const keys of [`${url}/keys`, { url: `${url}/keys`, allowHttp: true } as const]) {
      expect((await examineIssuer({ issuer, keys }, tools)).findings).toMatchObject([
        { check: 'keys', verdict: 'pass' },
      ]);
    }
    expect((await examineIssuer({ issuer, keys: `${url}/elsewhere` }, tools)).findings).toMatchObject([
      { check: 'keys', verdict: 'fail', detail: expect.stringContaining('/elsewhere responded with 404') },
    ]);
  });

  it('looks for metadata at the first spelling that is an https URL, which may name any spelling', async () => {
    const { url, metadata } = await startIssuer();
    for (const name of [url, 'acme.com']) {
      metadata['issuer'] = name;
      const { findings } = await examineIssuer({ issuer: 'acme.com', issuers: ['acme.com', url] }, tools);
      expect(findings[0]).toMatchObject({ check: 'metadata', verdict: 'pass' });
    }
  });

  it('fails when the keys cannot be fetched or none verifies a signature', async () => {
    const issuer = await startIssuer();
    issuer.keys = [
      { kty: 'oct', k: 'AQ', kid: 'shared' },
      { kty: 'RSA', use: 'enc' },
    ];
    expect((await examine(issuer.url))[1]).toBe(
      `keys fail: ${issuer.url} publishes no key that verifies signatures: 2 keys were fetched, none usable: private or symmetric key, use is not sig`,
    );
    issuer.metadata['jwks_uri'] = `${issuer.url}/elsewhere`;
    expect((await examine(issuer.url))[1]).toContain('/elsewhere responded with 404');
  });

  it('warns of several keys if one lacks a kid', async () => {
    const issuer = await startIssuer();
    issuer.keys = [publicKey(), publicKey('two')];
    expect((await examine(issuer.url))[1]).toContain('keys warn');
  });

  it('warns of a key that cannot be used beside one that can, unless it is for encryption', async () => {
    const issuer = await startIssuer();
    issuer.keys = [publicKey('one'), { kty: 'RSA', n: 'A'.repeat(342), e: 'AQAB', kid: 'weak' }];
    expect((await examine(issuer.url))[1]).toContain('keys that cannot be used: RSA modulus under 2048 bits');
    issuer.keys = [publicKey('one'), { ...publicKey('two'), use: 'enc' }];
    expect((await examine(issuer.url))[1]).toContain('keys pass');
  });

  it('warns of clock skew beyond the tolerance of the plan', async () => {
    const issuer = await startIssuer();
    issuer.date = new Date(Date.now() + 30_000).toUTCString();
    expect((await examine(issuer.url))[2]).toContain('clock warn');
  });
});

describe('issuersOf', () => {
  const keys = { keys: [publicKey('one')] };
  const issuersIn = (legacy: object, target: object) =>
    issuersOf(parsePlan({ ...PLAN, legacy: { ...PLAN.legacy, ...legacy }, target: { ...PLAN.target, ...target } }));

  it('takes sides that share any spelling as one issuer, with the keys of either side', () => {
    const expected = { issuer: 'https://new', issuers: ['https://new', 'https://shared', 'https://old'], keys };
    const legacy = { issuer: ['https://old', 'https://shared'] };
    const target = { issuer: ['https://new', 'https://shared'] };
    expect(issuersIn({ ...legacy, keys }, target)).toEqual([expected]);
    expect(issuersIn(legacy, { ...target, keys })).toEqual([expected]);
  });

  it('keeps sides apart that share no spelling', () => {
    const issuers = issuersIn({ issuer: 'https://old', keys }, { issuer: 'https://new' });
    expect(issuers).toMatchObject([{ issuer: 'https://new' }, { issuer: 'https://old', keys }]);
    expect(issuers[0]?.keys).toBeUndefined();
  });
});
