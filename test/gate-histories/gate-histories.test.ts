import { UNVERIFIED_REASONS } from '@crossfade/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createEnvironment, type EnvironmentOptions, type GateEnvironment } from './environment.ts';
import { runHistory, SCHEDULES, sendTarget } from './history.ts';
import { DISAGREEMENTS, type Disagreement } from './tokens.ts';

const CLOSED: Disagreement = 'a plain legacy token, after legacy was closed';
const SURVIVES_NOT: Disagreement = 'both audiences, without the scope of target';
const KINDS = Object.keys(DISAGREEMENTS) as Disagreement[];
const total = { histories: 0, wrongPasses: 0, finalPasses: 0 };

/** An environment whose meters have watched for a whole window. */
async function createWatchedEnvironment(options: EnvironmentOptions = {}) {
  const environment = await createEnvironment(options);
  environment.sleepUntil(environment.nowMs() + environment.windowMs);
  return environment;
}

function isUnverified(kind: Disagreement): boolean {
  return (UNVERIFIED_REASONS as readonly string[]).includes(DISAGREEMENTS[kind]);
}

async function expectGateToTell({ gate }: GateEnvironment, kind: Disagreement): Promise<void> {
  const { exitCode, checks } = await gate();
  expect(exitCode).toBe(isUnverified(kind) ? 4 : 1);
  const verdictOf = (check: string) => checks.find(({ name }) => name === check);
  if (kind === SURVIVES_NOT) return expect(verdictOf('silence')).toMatchObject({ verdict: 'fail' });
  expect(verdictOf('disagreements')).toMatchObject({
    verdict: isUnverified(kind) ? 'inconclusive' : 'fail',
    detail: expect.stringContaining(`(${DISAGREEMENTS[kind]} 1; last 0ms ago;`),
  });
}

/** An unverified token names no client. */
async function expectStragglersToName({ crossfade }: GateEnvironment, kind: Disagreement): Promise<void> {
  const clientId = kind === 'a client that the plan does not list' ? 'nightly-batch' : 'web-app';
  const reasons = { [kind === SURVIVES_NOT ? 'after_close' : DISAGREEMENTS[kind]]: 1 };
  expect(await crossfade(['stragglers', '--json'])).toMatchObject({
    exitCode: 0,
    json: { clients: isUnverified(kind) ? [] : [{ clientId, reasons }] },
  });
}

async function expectInspectToAgree({ crossfade }: GateEnvironment, kind: Disagreement, token: string): Promise<void> {
  const accepted = { exitCode: 0, json: { audience: 'bridge', afterClose: 'rejected' } };
  const rejected = { exitCode: 1, json: { outcome: 'rejected', reason: DISAGREEMENTS[kind] } };
  expect(await crossfade(['inspect', token, '--json'])).toMatchObject(kind === SURVIVES_NOT ? accepted : rejected);
}

describe('the gate, while the API takes what the plan refuses', () => {
  it.each(KINDS)('never passes within the window after %s, and passes after it', async (kind) => {
    const environment = await createWatchedEnvironment();
    if (kind === CLOSED) await environment.acceptLegacy(false);
    for (const [schedule, events] of Object.entries(SCHEDULES)) {
      const result = await runHistory(environment, kind, events(environment.windowMs));
      total.histories += 1;
      total.wrongPasses += result.wrongPasses.length;
      total.finalPasses += result.passedAfter ? 1 : 0;
      expect({ schedule, ...result }).toEqual({ schedule, wrongPasses: [], passedBefore: true, passedAfter: true });
    }
  });

  it.each(KINDS)('is named alike by gate, stragglers and inspect: %s', async (kind) => {
    const environment = await createWatchedEnvironment();
    if (kind === CLOSED) await environment.acceptLegacy(false);
    await sendTarget(environment);
    const token = await environment.mint.refused(kind, environment.nowMs());
    await environment.send(token, 0);
    await expectGateToTell(environment, kind);
    await expectStragglersToName(environment, kind);
    // It judges with both audiences open, whatever the flags say.
    if (kind !== CLOSED) await expectInspectToAgree(environment, kind, token);
  });

  it('never passes where the API takes them over gRPC', async () => {
    const environment = await createWatchedEnvironment({ api: 'takes over gRPC' });
    const [once] = Object.values(SCHEDULES);
    const result = await runHistory(environment, 'an opaque token', once?.(environment.windowMs) ?? []);
    expect(result).toEqual({ wrongPasses: [], passedBefore: true, passedAfter: true });
  });

  afterAll(() => {
    const { histories, wrongPasses, finalPasses } = total;
    process.stdout.write(
      `gate histories: ${histories} of ${KINDS.length} kinds, ${wrongPasses} wrong passes, ${finalPasses} final passes\n`,
    );
  });
});

describe('no disagreement', () => {
  it.each<[string, Disagreement, EnvironmentOptions, string]>([
    ['the API refuses them', 'a second spelling of the audience', { api: 'refuses' }, '/'],
    ['the API refuses them over gRPC', 'an opaque token', { api: 'refuses over gRPC' }, '/'],
    ['the API redirects, which proves nothing', 'an opaque token', { api: 'redirects' }, '/'],
    ['the API fails, which proves nothing', 'an opaque token', { api: 'fails' }, '/'],
    ['their reason is acknowledged', 'an opaque token', { acknowledged: ['malformed_token'] }, '/'],
    ['the path is public', 'an opaque token', { publicPaths: ['/public/*'] }, '/public/orders?page=1'],
  ])('is found where %s', async (_where, kind, options, path) => {
    const environment = await createWatchedEnvironment(options);
    const { mint, nowMs, send } = environment;
    await send(await mint.refused(kind, nowMs()), 0, path);
    const { checks } = await environment.gate();
    expect(checks.find(({ name }) => name === 'disagreements')).toMatchObject({ verdict: 'pass' });
  });

  it('is a bridge token: the gate passes where every token carries both audiences and would survive the close', async () => {
    const environment = await createWatchedEnvironment();
    const token = await environment.mint.plain('bridge', environment.nowMs());
    await Promise.all([environment.send(token, 0), environment.send(token, 1)]);
    expect(await environment.gate()).toMatchObject({ exitCode: 0 });
  });
});

describe('advance', () => {
  const advance = ['advance', '--to', '20', '--yes', '--json'];

  it('refuses where the API showed only that it takes tokens with both audiences, until one with target alone', async () => {
    const environment = await createWatchedEnvironment({ percent: 10 });
    const { mint, nowMs, send, crossfade } = environment;
    for (const instance of [0, 1]) await send(await mint.plain('bridge', nowMs()), instance);
    expect(await crossfade(advance)).toMatchObject({
      exitCode: 1,
      json: {
        refusals: [
          {
            guard: 'fleet_accepts_target',
            detail: expect.stringMatching(/^0 of 2 .*target audience alone.*both audiences proves nothing.*enforce/),
          },
        ],
      },
    });
    await sendTarget(environment);
    expect(await crossfade(advance)).toMatchObject({ exitCode: 0 });
  });

  it('goes ahead on tokens with both audiences where the sidecars enforce', async () => {
    const { mint, nowMs, send, crossfade } = await createWatchedEnvironment({ percent: 10, judge: 'enforce' });
    for (const instance of [0, 1]) await send(await mint.plain('bridge', nowMs()), instance);
    expect(await crossfade(advance)).toMatchObject({ exitCode: 0 });
  });

  it('refuses once the API refused a target token after it took one', async () => {
    const environment = await createWatchedEnvironment({ percent: 10, api: 'refuses the third' });
    const { mint, nowMs, sleepUntil, send, crossfade } = environment;
    await send(await mint.plain('target', nowMs()), 0);
    await send(await mint.plain('target', nowMs()), 1);
    sleepUntil(nowMs() + 1000);
    await send(await mint.plain('target', nowMs()), 1);
    expect(await crossfade(advance)).toMatchObject({
      exitCode: 1,
      json: { refusals: [{ guard: 'fleet_accepts_target' }, { guard: 'answers_clean' }] },
    });
  });
});

describe('an acknowledged reason', () => {
  it('never excuses a token that was verified', async () => {
    const environment = await createWatchedEnvironment({ acknowledged: [...UNVERIFIED_REASONS] });
    await sendTarget(environment);
    const token = await environment.mint.refused('a second spelling of the audience', environment.nowMs());
    await environment.send(token, 0);
    expect(await environment.gate()).toMatchObject({ exitCode: 1 });
  });
});
