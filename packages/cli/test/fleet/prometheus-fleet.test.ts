import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { createPrometheusFleet } from '../../src/fleet/prometheus-fleet.ts';
import { apiAt, prometheusQueries, startPrometheus } from '../fixture/prometheus.ts';
import { recordedDrained } from '../fixture/recorded.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const plan = parsePlan(PLAN);
const NOW = NOW_MS / 1000;
const one = { job: 'api', instance: '10.0.0.1:9464' };
const two = { job: 'api', instance: '10.0.0.2:9464' };

async function startFleet() {
  const prometheus = await startPrometheus({ ...prometheusQueries(plan), present: 'vector(time())' });
  Object.assign(prometheus.results, {
    live: [
      [one, 1],
      [two, 1],
    ],
    expected: [[{}, 2]],
    legacySeries: [
      [one, 0],
      [two, 0],
    ],
    percent: [[one, 25]],
    flags: [[{ ...one, revision: '7', source: 'appconfig a/e/p', hash: '0123456789ab' }, 1]],
    targetLastSeen: [[one, NOW - 10]],
    targetResponses: [
      [{ ...one, response: 'accepted' }, NOW - 10],
      [{ ...one, response: 'unauthorized' }, 0],
    ],
    disagreementSeries: [one, two].flatMap((instance) => [
      [{ ...instance, token: 'verified' }, 0],
      [{ ...instance, token: 'unverified' }, 0],
    ]),
    disagreementTimes: [
      [{ token: 'verified' }, 0],
      [{ token: 'unverified' }, 0],
    ],
  });
  return { prometheus, fleet: createPrometheusFleet(apiAt(prometheus.url), plan) };
}

describe('a fleet in Prometheus', () => {
  it('returns each scraped instance as a meter', async () => {
    const { fleet } = await startFleet();
    const { expected, readings, missing } = await fleet.read(NOW_MS);
    expect({ expected, missing }).toEqual({ expected: 2, missing: [] });
    expect(readings).toMatchObject([
      {
        evidence: { meter: '10.0.0.1:9464', target: { lastSeenMs: NOW_MS - 10_000 }, legacy: { lastSeenMs: null } },
        issuancePercent: 25,
        revision: '7',
        flagsSource: 'appconfig a/e/p',
        flagsHash: '0123456789ab',
      },
      { evidence: { meter: '10.0.0.2:9464', target: { lastSeenMs: null } } },
    ]);
  });

  it('tells those apart that have not shown their flags since a moment, by the clock of Prometheus', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.results.present = [[{}, NOW - 30]];
    prometheus.results.flagsShown = [
      [one, NOW - 31],
      [two, NOW - 29],
    ];
    const shownSinceMs = await fleet.presentMs?.();
    expect(shownSinceMs).toBe(NOW_MS - 30_000);
    const { readings } = await fleet.read(NOW_MS, { parts: ['flags'], shownSinceMs });
    expect(readings.map(({ evidence: { meter }, isOld }) => [meter, isOld])).toEqual([
      [one.instance, true],
      [two.instance, undefined],
    ]);
    expect((await fleet.read(NOW_MS)).readings.some(({ isOld }) => isOld)).toBe(false);
  });

  it('throws UnavailableError where it does not tell its time', async () => {
    const { fleet } = await startFleet();
    await expect(fleet.presentMs?.()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('counts an instance once that two jobs scrape, so that it hides no missing one', async () => {
    const { prometheus, fleet } = await startFleet();
    const again = { ...one, job: 'again' };
    prometheus.results.live = [one, again].map((labels) => [labels, 1]);
    prometheus.results.legacySeries = [one, again].map((labels) => [labels, 0]);
    const { expected, readings } = await fleet.read(NOW_MS);
    expect({ expected, meters: readings.map(({ evidence }) => evidence.meter) }).toEqual({
      expected: 2,
      meters: ['10.0.0.1:9464'],
    });
    prometheus.results.expected = [[{}, 1]];
    expect((await fleet.read(NOW_MS)).readings).toHaveLength(2);
  });

  it('knows of the drain what the recording rules remember, of instances that are gone, too', async () => {
    const { prometheus, fleet } = await startFleet();
    Object.assign(prometheus.results, recordedDrained(NOW, { last: { legacy_seen: NOW - 60 } }));
    const { drain } = await fleet.read(NOW_MS);
    expect(drain).toMatchObject({
      kind: 'recorded',
      recorded: { checks: { silence: true }, last: { legacy_seen: NOW_MS - 60_000, unjudged: null } },
    });
  });

  it('counts a process once that two jobs scrape under two names', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.results.process = [one, two].map((labels) => [{ ...labels, process: 'run-1' }, 1]);
    expect((await fleet.read(NOW_MS)).readings.map(({ evidence, process }) => [evidence.meter, process])).toEqual([
      ['10.0.0.1:9464', 'run-1'],
    ]);
  });

  it('takes what a process that enforces lets in from crossfade_accepts', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.results.accepts = [
      [{ ...one, audience: 'legacy' }, 1],
      [{ ...one, audience: 'target' }, 0],
      [{ ...two, audience: 'legacy' }, 1],
    ];
    const { readings } = await fleet.read(NOW_MS);
    expect(readings.map(({ sides }) => [sides.legacy.commanded, sides.target.commanded])).toEqual([
      [true, false],
      [true, undefined],
    ]);
    expect(readings.map(({ missingTargetKeys }) => missingTargetKeys)).toEqual([null, 'its /readyz says why']);
  });

  it('reads when the API took and refused tokens of each side, by instance', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.results.responses = [
      [{ ...one, audience: 'target', response: 'accepted' }, NOW - 5],
      [{ ...one, audience: 'target', response: 'unauthorized' }, NOW - 10],
      [{ ...two, audience: 'legacy', response: 'unauthorized' }, NOW - 7],
      [{ ...two, audience: 'legacy', response: 'accepted' }, 0],
    ];
    const { readings } = await fleet.read(NOW_MS);
    expect(readings.map(({ sides }) => sides)).toEqual([
      {
        legacy: { acceptedMs: null, unauthorizedMs: null, commanded: undefined },
        target: { acceptedMs: NOW_MS - 5000, unauthorizedMs: NOW_MS - 10_000, commanded: undefined },
      },
      {
        legacy: { acceptedMs: null, unauthorizedMs: NOW_MS - 7000, commanded: undefined },
        target: { acceptedMs: null, unauthorizedMs: null, commanded: undefined },
      },
    ]);
  });

  it('remembers what instances that are gone showed last of legacy, and not those that are scraped', async () => {
    const { prometheus, fleet } = await startFleet();
    const gone = { job: 'orders', instance: '10.0.0.9:9464' };
    prometheus.results.pastAccepts = [
      [{ ...one, audience: 'legacy' }, 0],
      [{ ...gone, audience: 'legacy' }, 0],
    ];
    prometheus.results.pastResponses = [[{ ...gone, response: 'unauthorized' }, NOW - 60]];
    expect((await fleet.read(NOW_MS)).silent).toEqual([
      {
        meter: '10.0.0.9:9464',
        legacy: { acceptedMs: null, unauthorizedMs: NOW_MS - 60_000, commanded: false },
      },
    ]);
  });

  it('does not know of disagreements where an instance lacks one of the series', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.results.disagreementSeries = [
      [{ ...one, token: 'verified' }, 0],
      [{ ...two, token: 'verified' }, 0],
      [{ ...two, token: 'unverified' }, 0],
    ];
    const { readings } = await fleet.read(NOW_MS);
    expect(readings.map(({ evidence }) => evidence.disagreements)).toEqual([
      null,
      { lastVerifiedMs: null, lastUnverifiedMs: null, reasons: {} },
    ]);
  });

  it.each([[[]], [[[one, 'NaN']]]])(
    'reports an instance with the legacy series %j as missing',
    async (legacySeries) => {
      const { prometheus, fleet } = await startFleet();
      Object.assign(prometheus.results, { legacySeries });
      const { readings, missing } = await fleet.read(NOW_MS);
      expect(readings).toEqual([]);
      expect(missing[0]).toMatchObject({ meter: '10.0.0.1:9464', why: expect.stringContaining('last_seen') });
    },
  );

  it('adds up the open connections by audience, and does not know of them without a series', async () => {
    const { fleet, prometheus } = await startFleet();
    expect((await fleet.read(NOW_MS)).openConnections).toBeNull();
    prometheus.results.openConnections = [
      [{ audience: 'legacy' }, 3],
      [{ audience: 'target' }, 40],
    ];
    const { openConnections, readings } = await fleet.read(NOW_MS);
    expect(openConnections).toEqual({ legacy: 3, target: 40, bridge: 0 });
    expect(readings.map((reading) => reading.openConnections)).toEqual([null, null]);
  });

  it('returns no expected number if none, or NaN, is recorded', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.results.expected = [[{}, 'NaN']];
    expect((await fleet.read(NOW_MS)).expected).toBeNull();
    delete prometheus.results.expected;
    expect((await fleet.read(NOW_MS)).expected).toBeNull();
  });

  it('throws UnavailableError when Prometheus is down or returns no vector', async () => {
    const { prometheus, fleet } = await startFleet();
    prometheus.bodyInstead = { status: 'success', data: { resultType: 'scalar', result: [0, '1'] } };
    await expect(fleet.read(NOW_MS)).rejects.toThrow('did not return an instant vector');
    await prometheus.close();
    await expect(fleet.read(NOW_MS)).rejects.toThrow('Prometheus cannot be reached (ECONNREFUSED)');
  });

  it('sends credentials in the URL as HTTP Basic and never prints them', async () => {
    const { prometheus } = await startFleet();
    const url = prometheus.url.replace('//', '//reader:s%40crt@');
    await createPrometheusFleet(apiAt(url), plan).read(NOW_MS);
    expect(prometheus.seen.at(-1)?.authorization).toBe(`Basic ${Buffer.from('reader:s@crt').toString('base64')}`);
    await prometheus.close();
    await expect(createPrometheusFleet(apiAt(url), plan).read(NOW_MS)).rejects.toThrow(/^(?!.*crt)/);
  });
});
