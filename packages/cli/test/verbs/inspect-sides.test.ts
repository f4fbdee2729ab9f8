import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTokenWorkplace, mintToken } from '../fixture/token-workplace.ts';
import { PLAN } from '../fixture/workplace.ts';

const TARGET = PLAN.target.audience;

type Sides = Record<'legacy' | 'target' | 'closed', { outcome: string; reasons: { reason: string; detail: string }[] }>;

async function inspect(token: string, workplace: Awaited<ReturnType<typeof createTokenWorkplace>>) {
  const json = (await workplace.crossfade(['inspect', token, '--json'])).json();
  const sides = json['sides'] as Sides;
  const reasons = (side: keyof Sides) => sides[side].reasons.map(({ reason }) => reason);
  return { json, sides, reasons };
}

describe('the sides of crossfade inspect', () => {
  it('states every reason of a side, not only the first one', async () => {
    const workplace = await createTokenWorkplace();
    const { plan, claims, writePlan } = workplace;
    const rules = { allowedClients: ['nightly-batch'], claims: { tenant: 'a' }, requiredScope: ['orders:write'] };
    await writePlan({ ...plan, target: { ...plan.target, typ: 'at+jwt', ...rules } });
    const token = mintToken({ ...claims, aud: TARGET, exp: claims.exp - 7200 }, { typ: 'JWT' });
    const { json, reasons, sides } = await inspect(token, workplace);
    expect(json).toMatchObject({ outcome: 'rejected', reason: 'expired', audience: 'target' });
    expect(reasons('target')).toEqual([
      'expired',
      'wrong_type',
      'client_not_allowed',
      'claim_not_allowed',
      'insufficient_scope',
    ]);
    expect(reasons('closed')).toEqual(reasons('target'));
    expect(reasons('legacy')).toEqual(['wrong_audience']);
    expect(sides.target.reasons.map(({ detail }) => detail).join('\n')).toMatch(
      /expired 1h 50m ago\ntarget.typ demands at\+jwt.*\nits client is not in target.allowedClients\ntarget.claims demands tenant.*\nit lacks .* target.requiredScope demands: orders:write$/,
    );
  });

  it('says of a token with both audiences what each side thinks of it', async () => {
    const workplace = await createTokenWorkplace();
    const { plan, claims, writePlan } = workplace;
    await writePlan({
      ...plan,
      legacy: { ...plan.legacy, foreignAudiences: 'refuse' },
      target: { ...plan.target, allowedClients: ['nightly-batch'] },
    });
    const token = mintToken({ ...claims, aud: ['default-api', TARGET] });
    const { json, reasons } = await inspect(token, workplace);
    expect(json).toMatchObject({ outcome: 'accepted', audience: 'bridge', afterClose: 'rejected' });
    expect(reasons('legacy')).toEqual([]);
    expect(reasons('target')).toEqual(['client_not_allowed']);
    expect(reasons('closed')).toEqual(['client_not_allowed']);
  });

  it('says of an accepted legacy token why a close refuses it', async () => {
    const workplace = await createTokenWorkplace();
    const { reasons } = await inspect(mintToken({ ...workplace.claims, aud: 'default-api' }), workplace);
    expect(reasons('legacy')).toEqual([]);
    expect(reasons('closed')).toEqual(['legacy_closed']);
  });

  it('looks behind the size of a token', async () => {
    const workplace = await createTokenWorkplace();
    await workplace.writePlan({ ...workplace.plan, maxTokenBytes: 100 });
    const { reasons } = await inspect(mintToken({ ...workplace.claims, aud: 'default-api' }), workplace);
    expect(reasons('legacy')).toEqual(['token_too_large']);
    expect(reasons('target')).toEqual(['token_too_large', 'wrong_audience']);
  });

  it('tells an unknown key from a bad signature', async () => {
    const workplace = await createTokenWorkplace();
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const claims = { ...workplace.claims, aud: TARGET };
    const forged = await inspect(mintToken(claims, { key }), workplace);
    expect(forged.sides.target.reasons).toEqual([
      { reason: 'bad_signature', detail: expect.stringContaining('altered or forged') },
    ]);
    const unknown = await inspect(mintToken(claims, { key, kid: 'two' }), workplace);
    expect(unknown.sides.target.reasons).toEqual([
      { reason: 'unknown_key', detail: expect.stringContaining('no key that the issuer publishes') },
    ]);
  });

  it('compares a token that cannot be verified with the plan, by what it says of itself', async () => {
    const workplace = await createTokenWorkplace();
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const token = mintToken({ ...workplace.claims, aud: TARGET, exp: 1, token_use: 'id' }, { key });
    const { stdout } = await workplace.crossfade(['inspect', token]);
    expect(stdout).toMatch(
      /unverified +by what it says of itself, iss is the issuer of legacy and target; aud is that of the target side; it is an ID token; it expired .* ago\n/,
    );
    const stranger = mintToken({ ...workplace.claims, iss: 'https://elsewhere.example', aud: TARGET });
    expect((await inspect(stranger, workplace)).json['unverified']).toEqual([
      'iss is no issuer of the plan',
      'aud is not compared, because an audience belongs to its issuer',
    ]);
  });

  it('says that an opaque token needs introspection', async () => {
    const workplace = await createTokenWorkplace();
    const { stdout } = await workplace.crossfade(['inspect', randomUUID()]);
    expect(stdout).toContain('malformed_token: it is no JWT, and legacy.introspection is not set');
  });

  it('prints no value that identifies a person', async () => {
    const workplace = await createTokenWorkplace();
    const token = mintToken({ ...workplace.claims, aud: 'other', email: 'alice@example.com' });
    const results = [
      await workplace.crossfade(['inspect', token]),
      await workplace.crossfade(['inspect', token, '--json']),
    ];
    for (const { stdout, stderr } of results) expect(stdout + stderr).not.toMatch(/alice|eyJ/);
  });
});
