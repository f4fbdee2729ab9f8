import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { startIssuer } from '../fixture/issuer.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function mint(claims: object, key: KeyObject = privateKey): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 'one' })}.${encode(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function createIssuerWorkplace() {
  const workplace = await createWorkplace();
  const issuer = await startIssuer();
  issuer.keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }];
  const side = { issuer: issuer.url };
  await workplace.writePlan({ ...PLAN, legacy: { ...PLAN.legacy, ...side }, target: { ...PLAN.target, ...side } });
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer.url,
    sub: 'alice',
    client_id: 'web-app',
    scope: 'orders:read',
    iat: now - 60,
    exp: now + 600,
    jti: 'x',
  };
  return { ...workplace, issuer, claims };
}

describe('crossfade inspect', () => {
  it('says that a legacy token is accepted now and rejected after the close', async () => {
    const { crossfade, claims } = await createIssuerWorkplace();
    const result = await crossfade(['inspect', mint({ ...claims, aud: 'default-api' }), '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      outcome: 'accepted',
      audience: 'legacy',
      afterClose: 'rejected',
      clientId: 'web-app',
      scope: ['orders:read'],
      expiresAt: new Date(claims.exp * 1000).toISOString(),
    });
  });

  it('reads the token from stdin and prints neither the token nor its subject', async () => {
    const { crossfade, claims } = await createIssuerWorkplace();
    const token = mint({ ...claims, aud: 'https://api.example.com/orders' });
    const stdin = new PassThrough();
    stdin.end(`Bearer ${token}\n`);
    const { exitCode, stdout, stderr } = await crossfade(['inspect', '-'], { stdin });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/audience +target\n +after close +accepted/);
    expect(stdout + stderr).not.toMatch(/alice|eyJ/);
  });

  it('ends with 1 and the reason when it is rejected', async () => {
    const { crossfade, claims } = await createIssuerWorkplace();
    const forged = mint(
      { ...claims, aud: 'default-api' },
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    );
    const result = await crossfade(['inspect', forged]);
    expect(result).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('rejected: bad_signature') });
    const expired = await crossfade(['inspect', mint({ ...claims, aud: 'default-api', exp: 1 }), '--json']);
    expect(expired.json()).toMatchObject({ exitCode: 1, outcome: 'rejected', reason: 'expired' });
  });

  it('ends with 3 when the keys cannot be fetched', async () => {
    const { crossfade, claims, issuer } = await createIssuerWorkplace();
    issuer.wellKnown = '/elsewhere';
    expect(await crossfade(['inspect', mint({ ...claims, aud: 'default-api' })])).toMatchObject({ exitCode: 3 });
  });

  it.each([[[]], [['']], [['-']], [['one', 'two']]])('requires exactly one token: %j', async (words) => {
    const { crossfade } = await createIssuerWorkplace();
    const stdin = new PassThrough();
    stdin.end();
    expect(await crossfade(['inspect', ...words], { stdin })).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('refuses input that is longer than any token', async () => {
    const { crossfade } = await createIssuerWorkplace();
    const stdin = new PassThrough();
    stdin.end('x'.repeat(70_000));
    expect(await crossfade(['inspect', '-'], { stdin })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('64 Ki'),
    });
  });
});
