import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { mintToken } from '../fixture/token-workplace.ts';
import { createWorkplace, PLAN, type Workplace } from '../fixture/workplace.ts';

const LEGACY = {
  iss: PLAN.legacy.issuer,
  aud: PLAN.legacy.audience,
  sub: 'alice-4711',
  client_id: 'web-app',
  scope: 'openid email orders:read orders:write',
  roles: ['reader', 'auditor'],
  tenant: 'acme',
  plan_tier: 'gold',
  email: 'alice@example.com',
  iat: 1_000,
  exp: 4_600,
};
const { tenant: _, plan_tier: __, email: ___, ...REST } = LEGACY;
const TARGET = {
  ...REST,
  aud: PLAN.target.audience,
  scope: 'orders:read orders:write',
  exp: 1_900,
  tenant: 'acme',
  plan_tier: 'gold',
};

async function parity(legacy: object, target: object, more: readonly string[] = [], workplace?: Workplace) {
  const { crossfade } = workplace ?? (await createWorkplace());
  const stdin = new PassThrough();
  stdin.end(`Bearer ${mintToken(legacy)}\n\n${mintToken(target)}\n`);
  return crossfade(['parity', '-', ...more], { stdin });
}

describe('crossfade parity', () => {
  it('ends with 0 when the target token has all that an API reads', async () => {
    const { exitCode, stdout } = await parity(LEGACY, TARGET);
    expect(stdout).toMatch(/^no loss\n/);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/sub +same\n/);
    expect(stdout).toMatch(/lifetime +1h -> 15m\n/);
    expect(stdout).toMatch(/personal +legacy has email: data about a person/);
    expect(stdout).toContain('an API that reads email from the token has to ask userinfo');
  });

  it('names every role, scope value and claim that is lost, and ends with 1', async () => {
    const { tenant: ____, ...target } = TARGET;
    const changed = {
      ...target,
      sub: 'bob',
      roles: ['reader'],
      scope: 'orders:read',
      plan_tier: ['gold'],
      groups: ['x'],
    };
    const { exitCode, json } = await parity(LEGACY, changed, ['--json']);
    expect(exitCode).toBe(1);
    const { losses, personal, subject } = json() as {
      losses: { what: string; name: string }[];
      personal: object;
      subject: string;
    };
    expect(losses.map(({ what, name }) => `${what} ${name}`)).toEqual([
      'subject sub',
      'role auditor',
      'scope orders:write',
      'claim tenant',
      'type plan_tier',
    ]);
    expect(personal).toEqual({ legacy: ['email'], target: ['groups'] });
    expect(subject).toBe('different');
  });

  it('compares the members of claims by their path, and prints no key that may be data', async () => {
    const members = (region: object) => ({
      tenant: { id: 'acme', region, owner: { email: 'alice@example.com' } },
      entitlements: { '0f8fad5b-d9cb-469f-a165-70867728950e': ['read'], '7c9e6679-7425-40de': ['read'] },
      realm_access: { roles: ['reader', 'auditor'] },
      cnf: { jkt: 'x' },
    });
    const { roles: ____, ...legacy } = LEGACY;
    const { roles: _____, ...target } = TARGET;
    const before = { ...legacy, ...members({ name: 'eu', zone: 1 }), shop: { name: 'x', opens: { monday: '9' } } };
    const after = {
      ...target,
      ...members({ name: ['eu'] }),
      ...{ entitlements: {}, shop: 'x', cnf: {}, 'tenant.region.zone': 1 },
    };
    const { json, stdout } = await parity(before, after, ['--json']);
    const { losses, personal } = json() as { losses: { what: string; name: string }[]; personal: object };
    expect(losses.map(({ what, name }) => `${what} ${name}`)).toEqual([
      'type shop',
      'type tenant.region.name',
      'claim tenant.region.zone',
      'claim entitlements.*',
    ]);
    expect(personal).toEqual({ legacy: ['email', 'tenant.owner.email'], target: ['tenant.owner.email'] });
    expect(stdout).not.toMatch(/0f8fad5b|7c9e6679|acme|alice/);
    const ignored = await parity(before, after, [
      '--ignore',
      'shop, tenant.region.name, tenant.region.zone, entitlements.*',
    ]);
    expect(ignored.exitCode).toBe(0);
  });

  it('lets go of what --ignore names', async () => {
    const { tenant: ____, ...target } = TARGET;
    const result = await parity(LEGACY, { ...target, scope: 'orders:read' }, ['--ignore', 'tenant, orders:write']);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^no loss\n/) });
  });

  it('finds a provider that minted its default audience for target, too', async () => {
    const { exitCode, stdout } = await parity(LEGACY, { ...TARGET, aud: LEGACY.aud });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('both tokens have the same aud: the provider minted its default audience for both');
    expect(stdout).toContain('the target token is not for the target side of the plan (it is legacy)');
  });

  it('reads the roles from the claim that the plan names, which is then not personal', async () => {
    const workplace = await createWorkplace({
      ...PLAN,
      legacy: { ...PLAN.legacy, rolesClaim: ['realm_access', 'roles'] },
      target: { ...PLAN.target, rolesClaim: 'groups' },
    });
    const { roles: ____, ...legacy } = LEGACY;
    const { roles: _____, ...target } = TARGET;
    const before = { ...legacy, realm_access: { roles: ['reader'] } };
    const after = { ...target, groups: ['reader'] };
    const { exitCode, json } = await parity(before, after, ['--json'], workplace);
    expect(json()).toMatchObject({ losses: [], personal: { target: [] }, target: { roles: ['reader'] } });
    expect(exitCode).toBe(0);
  });

  it('reads the roles of Keycloak, without a plan that says where they are', async () => {
    const { roles: ____, ...legacy } = LEGACY;
    const { roles: _____, ...target } = TARGET;
    const before = { ...legacy, realm_access: { roles: ['reader', 'auditor'] } };
    const { json } = await parity(before, { ...target, realm_access: { roles: ['reader'] } }, ['--json']);
    expect(json()).toMatchObject({ losses: [{ what: 'role', name: 'auditor' }] });
  });

  it('says that a token is no longer bound to a key', async () => {
    const { exitCode, stdout } = await parity({ ...LEGACY, cnf: { jkt: 'x' } }, TARGET);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /note +the legacy token is bound to a key of its client \(cnf\), and the target token is not/,
    );
  });

  it('counts the claim of the denylist as lost, whatever it is', async () => {
    const workplace = await createWorkplace({ ...PLAN, revocation: { redis: 'redis://127.0.0.1:1', by: 'jti' } });
    const { json } = await parity({ ...LEGACY, jti: 'a' }, TARGET, ['--json'], workplace);
    expect(json()).toMatchObject({ losses: [{ what: 'claim', name: 'jti' }] });
  });

  it('says of an opaque token that nothing can be compared, and ends with 4', async () => {
    const { crossfade } = await createWorkplace();
    const stdin = new PassThrough();
    stdin.end(`2YotnFZFEjr1zCsicMWpAA\n${mintToken(TARGET)}\n`);
    const { exitCode, stdout } = await crossfade(['parity', '-'], { stdin });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/legacy +opaque, 22 bytes: only its issuer can say/);
    expect(stdout).toMatch(/target +a JWT, \d+ bytes, 10 claims/);
  });

  it('needs no plan', async () => {
    const { crossfade, folder } = await createWorkplace();
    await writeFile(join(folder, 'l.txt'), mintToken(LEGACY));
    const argv = ['parity', '--legacy-token-file', join(folder, 'l.txt'), '--target-token-env', 'T'];
    const result = await crossfade(argv, { cwd: '/', env: { T: mintToken(TARGET) } });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    [[], /--legacy-token-file: is required.*\n.*--target-token-file: is required/],
    [['eyJhbGciOiJub25lIn0.e30.'], /<->: must be -/],
    [
      ['--legacy-token-file', 'none', '--target-token-env', 'NONE'],
      /cannot be read \(ENOENT\)\n.*names a variable that is not set/,
    ],
  ])('states each option that is wrong: %j', async (argv, expected) => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stderr } = await crossfade(['parity', ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toContain('eyJ');
  });

  it('prints no value of a claim', async () => {
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await parity(LEGACY, { ...TARGET, sub: 'bob-0815' }, more);
      expect(stdout + stderr).not.toMatch(/alice|bob|acme|gold|eyJ|example\.com/);
    }
  });

  it('prints nothing that a terminal obeys', async () => {
    const { stdout } = await parity({ ...LEGACY, 'a\u001B[2J': 1, roles: ['r\u001B[2J'] }, TARGET);
    expect(stdout).not.toContain('\u001B');
  });
});
