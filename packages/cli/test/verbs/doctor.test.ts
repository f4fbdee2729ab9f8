import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { canonicalPlan, parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { startIntrospection } from '../fixture/introspection.ts';
import { startIssuer } from '../fixture/issuer.ts';
import { showDisagreements, startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

async function createHealthyWorkplace() {
  const workplace = await createWorkplace();
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 5, revision: '2' } });
  const issuer = await startIssuer();
  const sidecar = await startSidecar(workplace.flagsPath);
  const plan = {
    ...PLAN,
    legacy: { ...PLAN.legacy, issuer: issuer.url },
    target: { ...PLAN.target, issuer: issuer.url },
    gate: { sidecars: [sidecar.url] },
  };
  await workplace.writePlan(plan);
  sidecar.status.plan = planHash(plan);
  return { ...workplace, issuer, sidecar, plan };
}

/** As a sidecar names the plan that it was started with. */
function planHash(plan: object): string {
  return createHash('sha256')
    .update(canonicalPlan(parsePlan(plan)))
    .digest('hex')
    .slice(0, 12);
}

type Findings = {
  findings: { check: string; verdict: string; detail: string; why: string; remedy?: string; runbook: string }[];
};

describe('crossfade doctor', () => {
  it('passes a healthy migration with one line for each check', async () => {
    const { crossfade } = await createHealthyWorkplace();
    const result = await crossfade(['doctor', '--json']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const { findings } = result.json() as Findings;
    expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
      'plan pass',
      'metadata pass',
      'keys pass',
      'clock pass',
      'key_ids pass',
      'flags pass',
      'meter pass',
      'store pass',
      'versions pass',
      'plans pass',
      'clock pass',
      'relay unknown',
      'api n/a',
    ]);
  });

  it('reports every problem of a wrong plan and ends with 2', async () => {
    const { crossfade, writePlan } = await createHealthyWorkplace();
    await writePlan({ ...PLAN, migration: 'Not A Name', colour: 'red' });
    const result = await crossfade(['doctor']);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toMatch(/fail +plan: line 1: migration: must be/);
    expect(result.stdout).toMatch(/fail +plan: line 1: colour: is not a known setting/);
  });

  it('fails with 1 and says what to do', async () => {
    const { crossfade, writeFlags, issuer, sidecar } = await createHealthyWorkplace();
    await writeFlags('{ broken');
    issuer.keys = [];
    await sidecar.close();
    const result = await crossfade(['doctor']);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(
      /fail +keys: .* publishes no key that verifies signatures\n +why: without a key .*\n +-> make the provider .*\(crossfade runbook key-rotation\)/,
    );
    expect(result.stdout).toMatch(
      /fail +flags: the file store: flag document in the store: is not a JSON object\n.*\n +-> repair the document/,
    );
    expect(result.stdout).toMatch(/fail +meter: .*ECONNREFUSED.*\n.*\n +-> start it/);
    expect(result.stdout).toContain('3 of 7 checks fail.');
  });

  it('fails while the API accepts verified tokens that the plan refuses, and warns of others', async () => {
    const { crossfade, sidecar } = await createHealthyWorkplace();
    const now = () => NOW_MS;
    showDisagreements(sidecar.status, { id_token: 2 }, { verifiedMs: 1000 });
    const failing = await crossfade(['doctor'], { now });
    expect(failing.exitCode).toBe(1);
    expect(failing.stdout).toMatch(
      /fail +disagreements: .*id_token 2.*crossfade stragglers.*\n.*\n +-> settle it before a validator enforces/,
    );
    showDisagreements(sidecar.status, { malformed_token: 2 }, { unverifiedMs: 1000 });
    const warning = await crossfade(['doctor'], { now });
    expect(warning.exitCode).toBe(0);
    expect(warning.stdout).toMatch(/warn +disagreements: .*malformed_token 2/);
    delete sidecar.status.disagreements;
    expect((await crossfade(['doctor'], { now })).stdout).toMatch(/warn +disagreements: .*too old to tell/);
  });

  it('warns of a proxy in front of a sidecar that the plan does not name', async () => {
    const { crossfade, sidecar } = await createHealthyWorkplace();
    sidecar.status.forwardedHeaders = { replaced: 0, from: [], lastAt: null };
    const healthy = (await crossfade(['doctor', '--json'])).json() as Findings;
    expect(healthy.findings.map(({ check }) => check)).not.toContain('proxies');
    sidecar.status.forwardedHeaders = { replaced: 1, from: ['10.0.3.7'], lastAt: '2026-03-01T11:00:00Z' };
    const result = await crossfade(['doctor', '--json']);
    expect(result.exitCode).toBe(0);
    expect((result.json() as Findings).findings).toContainEqual({
      check: 'proxies',
      verdict: 'warn',
      detail: `${sidecar.url}: the sidecar replaced the X-Forwarded-* headers of 10.0.3.7 on 1 request`,
      why: expect.stringContaining('scheme'),
      runbook: 'expand',
      remedy: expect.stringMatching(/sidecar\.trustedProxies, or the API sees http .* redirect to itself for ever/),
    });
  });

  it('only warns where the migration can continue', async () => {
    const { crossfade, issuer, sidecar } = await createHealthyWorkplace();
    issuer.date = new Date(Date.now() - 120_000).toUTCString();
    sidecar.status.validUnauthorized = 2;
    const result = await crossfade(['doctor', '--json']);
    expect(result.exitCode).toBe(0);
    const { findings } = result.json() as Findings;
    expect(findings.filter(({ verdict }) => verdict === 'warn').map(({ check }) => check)).toEqual(['clock', 'meter']);
  });

  it('fails on a flag file that does not exist, and says who makes it', async () => {
    const { crossfade, flagsPath } = await createHealthyWorkplace();
    rmSync(flagsPath);
    const result = await crossfade(['doctor']);
    expect(result.stdout).toMatch(
      /fail +flags: .*flags\.json does not exist: [\s\S]*-> make the flag file: crossfade init/,
    );
  });

  it.each(['legacy', 'target'] as const)(
    'needs no metadata of an issuer that cannot be reached where the %s side alone has the keys',
    async (side) => {
      const { crossfade, writePlan, plan, issuer } = await createHealthyWorkplace();
      const unreachable = { issuer: 'https://127.0.0.1:1' };
      const sides = { legacy: { ...plan.legacy, ...unreachable }, target: { ...plan.target, ...unreachable } };
      await writePlan({ ...plan, ...sides, [side]: { ...sides[side], keys: `${issuer.url}/keys` } });
      const { exitCode, json } = await crossfade(['doctor', '--json']);
      const { findings } = json() as Findings;
      expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
        'plan pass',
        'keys pass',
        'key_ids pass',
        'flags pass',
        'meter pass',
        'store pass',
        'versions pass',
        'plans warn',
        'clock pass',
        'relay unknown',
        'api n/a',
      ]);
      expect(exitCode).toBe(0);
    },
  );

  it('names the variable of a secret that is not set, and asks the introspection endpoint once it is', async () => {
    const { crossfade, writePlan, plan } = await createHealthyWorkplace();
    const secret = randomUUID();
    const endpoint = await startIntrospection(secret);
    const introspection = { endpoint: endpoint.url, clientId: 'inspector', clientSecretEnv: 'IDP_SECRET' };
    await writePlan({ ...plan, legacy: { ...plan.legacy, introspection } });
    const unset = await crossfade(['doctor']);
    expect(unset.exitCode).toBe(1);
    expect(unset.stdout).toMatch(
      /fail +secret: legacy\.introspection\.clientSecretEnv names .*IDP_SECRET, which is not set/,
    );
    const env = { IDP_SECRET: secret };
    const set = await crossfade(['doctor'], { env });
    expect(set.exitCode).toBe(0);
    expect(set.stdout).toMatch(/pass +introspection: legacy: the endpoint responds/);
    expect(set.stdout).not.toContain(secret);
    endpoint.response = {};
    expect((await crossfade(['doctor'], { env })).exitCode).toBe(1);
  });
});

interface Item {
  readonly area: string;
  readonly item: string;
  readonly source: string;
  readonly level: string;
  readonly verdict: string;
  readonly detail: string;
  readonly remedy?: string;
}

describe('crossfade doctor --list', () => {
  it('goes through the literature item by item, by what the sidecars and the issuer show', async () => {
    const { crossfade, sidecar } = await createHealthyWorkplace();
    sidecar.status.rejections = { expired: 4 };
    sidecar.status.apiResponses = {
      legacy: { acceptedAt: '2026-03-01T11:59:00Z', unauthorizedAt: null },
      target: { acceptedAt: null, unauthorizedAt: null },
    };
    sidecar.status.disagreements = { reasons: {}, lastVerifiedAt: null, lastUnverifiedAt: null };
    const result = await crossfade(['doctor', '--list', '--json']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const { list } = result.json() as unknown as { list: Item[] };
    const verdictOf = (name: string) => list.find(({ area, item }) => `${area}.${item}` === name)?.verdict;
    expect(verdictOf('api.expiry')).toBe('pass');
    expect(verdictOf('api.keys')).toBe('pass');
    expect(verdictOf('client.id_token_nonce')).toBe('unknown');
    expect(new Set(list.map(({ verdict }) => verdict))).toEqual(new Set(['pass', 'fail', 'n/a', 'unknown']));
  });

  it('prints each item with its section and how to know, and ends with 1 where a must fails', async () => {
    const { crossfade, sidecar } = await createHealthyWorkplace();
    const passing = await crossfade(['doctor', '--list']);
    expect(passing.exitCode).toBe(0);
    expect(passing.stdout).toMatch(
      /unknown +compares nonce .*\(must; OIDC Core §3\.1\.3\.7 \(11\)\)\n.*\n.*why: .*\n +to know: .*crossfade runbook prepare/,
    );
    expect(passing.stdout).toMatch(
      /\d+ items: \d+ pass, \d+ fail \(0 of them a must\), .* cannot be known from here\.\n$/,
    );
    sidecar.status.disagreements = {
      reasons: { id_token: 1 },
      lastVerifiedAt: '2026-03-01T11:59:00Z',
      lastUnverifiedAt: null,
    };
    const failing = await crossfade(['doctor', '--list']);
    expect(failing.exitCode).toBe(1);
    expect(failing.stdout).toMatch(/fail +refuses ID tokens \(must; .*\)\n +an API took 1 request with an ID token/);
  });
});
