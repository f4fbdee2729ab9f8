import { liveInstances } from '@crossfade/core/metrics';
import { parseObservationPlanText } from '@crossfade/core/plan-file';
import { describe, expect, it } from 'vitest';
import { censusRow, IDP } from '../fixture/census.ts';
import { startPrometheus } from '../fixture/prometheus.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;
const { legacy: _, target, clients: __, ...UNDECIDED } = PLAN;
const SIDECAR = { service: 'orders-api', upstream: 'http://127.0.0.1:3000' };

async function createObserved(plan: object = {}) {
  const workplace = await createWorkplace();
  const sidecar = await startSidecar();
  await workplace.writePlan({ ...UNDECIDED, sidecar: SIDECAR, gate: { sidecars: [sidecar.url] }, ...plan });
  return { ...workplace, sidecar };
}

describe('crossfade census', () => {
  it('lists what arrives and proposes the legacy block, of a plan without one', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = {
      rows: [
        censusRow({ count: 120 }),
        censusRow({ kind: 'opaque', issuer: null, audiences: [], clientId: null, count: 4 }),
      ],
      truncated: false,
    };
    const { exitCode, stdout, stderr } = await crossfade(['census'], { now });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('orders-2026: 2 kinds of tokens that arrived\n');
    expect(stdout).toMatch(
      /^ {2}120 +access, signature unchecked; issuer https:\/\/idp.example.com; audience default-api; client web-app; up to 900 bytes; last 1m ago$/m,
    );
    expect(stdout).toContain(`legacy:\n  issuer: ${IDP}\n  audience: default-api\nclients: [web-app]\n`);
    expect(stdout).toContain('- Signatures are unchecked: anyone can have sent these tokens.');
    expect(stdout).toContain('- legacy.tokenLifetime is 1h unless you set it');
    expect(stdout).toContain('- 4 requests came with an opaque token: legacy.introspection reads those.');
    expect(stdout).not.toContain('candidates');
  });

  it('prints the proposal as YAML that the plan takes', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = { rows: [censusRow({ maxBytes: 20_000, clientId: 'a: b' })], truncated: false };
    const { exitCode, json } = await crossfade(['census', '--json'], { now });
    expect(exitCode).toBe(0);
    const { proposal, rows } = json() as { proposal: { yaml: string; notes: string[] }; rows: unknown };
    expect(rows).toEqual([censusRow({ maxBytes: 20_000, clientId: 'a: b' })]);
    const plan = `version: 1\nmigration: m\nflags: { source: file, path: f }\ntarget: ${JSON.stringify(target)}\n${proposal.yaml}`;
    expect(parseObservationPlanText(plan)).toMatchObject({
      legacy: { issuer: IDP, audience: 'default-api' },
      clients: ['a: b'],
      maxTokenBytes: 28_672,
    });
  });

  it('warns of several candidates, of unmarked tokens and of ID tokens', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = {
      rows: [
        censusRow({ kind: 'unmarked', clientId: null }),
        censusRow({ audiences: ['https://api.example.com'], count: 3 }),
        censusRow({ kind: 'id', audiences: ['web-app'], count: 2 }),
      ],
      truncated: true,
    };
    const { stdout } = await crossfade(['census'], { now });
    expect(stdout).toContain('- There are 2 candidates; the most frequent one is proposed. The others:');
    expect(stdout).toContain(`{"issuer":"${IDP}","audience":"https://api.example.com"} (3 requests)`);
    expect(stdout).not.toContain('other spellings');
    expect(stdout).toContain('clients has to be complete');
    expect(stdout).toContain('- 2 requests came with an ID token');
    expect(stdout).toContain('a sidecar has seen more than it lists');
  });

  it('says which candidates look like one side', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = {
      rows: [censusRow(), censusRow({ audiences: ['default-api/'], count: 3 })],
      truncated: false,
    };
    expect((await crossfade(['census'], { now })).stdout).toContain(
      '- Some look like other spellings of the proposed one: write both, as a list of issuers or of audiences.',
    );
  });

  it('proposes no issuer that is no https URL, and says what such a one needs', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = { rows: [censusRow({ issuer: 'acme.com' })], truncated: false };
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(4);
    expect(stdout).toContain('Nothing to propose yet');
    expect(stdout).toMatch(/^- Not proposed, because .*needs legacy\.keys.*\n- {3}"acme\.com" \(10 requests\)$/m);
  });

  it('lists a few of many made-up issuers next to the proposal', async () => {
    const { crossfade, sidecar } = await createObserved();
    const forged = Array.from({ length: 8 }, (_, index) => censusRow({ issuer: `x", ${index}`, count: 99 - index }));
    sidecar.census = { rows: [censusRow(), ...forged], truncated: false };
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`legacy:\n  issuer: ${IDP}\n`);
    expect(stdout).toContain('-   "x\\", 0" (99 requests)\n');
    expect(stdout).toContain('-   and 3 more\n');
    expect(stdout).not.toContain('"x\\", 5"');
  });

  it('leaves clients out where ID tokens may pass for access tokens, so that the plan demands them', async () => {
    const { crossfade, sidecar } = await createObserved();
    const idToken = censusRow({ kind: 'unmarked', audiences: ['web-app'], clientId: null });
    sidecar.census = { rows: [idToken], truncated: false };
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('\n  audience: web-app\n# clients: list the client ids of this issuer, or []');
    expect(stdout).toContain('- clients is left out, because some tokens name no client');
    const { proposal } = (await crossfade(['census', '--json'], { now })).json() as { proposal: { yaml: string } };
    expect(proposal).not.toHaveProperty('clients');
    const plan = `version: 1\nmigration: m\nflags: { source: file, path: f }\ntarget: ${JSON.stringify(target)}\n${proposal.yaml}`;
    expect(() => parseObservationPlanText(plan)).toThrow(/^.*clients: is required: an audience that is no URI/s);
  });

  it('proposes no tokens of the target side that the plan has', async () => {
    const { crossfade, sidecar } = await createObserved({ target });
    const rows = [censusRow({ issuer: target.issuer, audiences: [target.audience], count: 99 }), censusRow()];
    sidecar.census = { rows, truncated: false };
    expect((await crossfade(['census', '--json'], { now })).json()).toMatchObject({
      proposal: { legacy: { issuer: IDP, audience: 'default-api' } },
    });
  });

  it('needs no warning of signatures that the keys of the plan have verified', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = { rows: [censusRow({ signature: 'verified' })], truncated: false };
    expect((await crossfade(['census'], { now })).stdout).not.toContain('Signatures are unchecked');
  });

  it('is inconclusive while there is nothing to propose', async () => {
    const { crossfade, sidecar } = await createObserved();
    sidecar.census = {
      rows: [censusRow({ kind: 'none', issuer: null, audiences: [], clientId: null })],
      truncated: false,
    };
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(4);
    expect(stdout).toContain('orders-2026: 1 kind of token that arrived');
    expect(stdout).toContain('Nothing to propose yet');
    expect((await crossfade(['census', '--json'], { now })).json()).toMatchObject({ exitCode: 4, proposal: null });
  });

  it('is inconclusive if a sidecar does not respond', async () => {
    const { crossfade, sidecar } = await createObserved();
    await sidecar.close();
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/missing +http:\/\/127.0.0.1:\d+: cannot be reached/);
  });

  it('proposes nothing to a plan that knows its legacy side', async () => {
    const { crossfade, sidecar } = await createObserved(PLAN);
    sidecar.census = { rows: [censusRow({ audiences: ['other'] })], truncated: false };
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^orders-2026: 1 kind of token that the plan refuses\n.*other.*\n$/);
  });

  it('asks every instance that Prometheus scrapes, as stragglers does', async () => {
    const sidecars = [await startSidecar(), await startSidecar()];
    for (const sidecar of sidecars) sidecar.census = { rows: [censusRow({ count: 60 })], truncated: false };
    const prometheus = await startPrometheus({ live: liveInstances('orders-2026') });
    prometheus.results.live = sidecars.map(({ url }) => [{ job: 'api', instance: new URL(url).host }, 1]);
    const { crossfade } = await createObserved({ gate: { prometheus: prometheus.url } });
    const { exitCode, stdout } = await crossfade(['census'], { now });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ {2}120 +access/m);
    expect(stdout).toMatch(/asked +2 of 2 sidecars responded/);
    await sidecars[1]?.close();
    expect((await crossfade(['census', '--json'], { now })).json()).toMatchObject({
      ...{ exitCode: 4, asked: 2, responded: 1, partial: true },
      missing: [{ meter: sidecars[1]?.url }],
    });
  });

  it('needs a sidecar to ask', async () => {
    const { crossfade } = await createWorkplace();
    expect(await crossfade(['census'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('gate: names no sidecar'),
    });
  });
});

describe('a plan for observing', () => {
  it.each(['gate', 'status', 'advance', 'rollback', 'close', 'stragglers', 'reopen'])(
    'is refused by %s, with the way on',
    async (verb) => {
      const { crossfade } = await createObserved();
      const { exitCode, stderr } = await crossfade([
        verb,
        ...(verb === 'advance' ? ['--to', '5', '--yes'] : verb === 'close' ? ['--yes', '--legacy', 'x'] : []),
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(
        `legacy: is required by crossfade ${verb}: this plan is for observing only; crossfade census proposes it`,
      );
      expect(stderr).toContain(`target: is required by crossfade ${verb}: this plan is for observing only`);
    },
  );

  it('may observe only', async () => {
    const { crossfade } = await createObserved({ sidecar: { ...SIDECAR, judge: 'enforce' } });
    expect(await crossfade(['census'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('legacy: is required: it may be left out only while observing'),
    });
  });
});
