import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import { OpenFeature } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { experiment, FAULTS, type Fault, POSITION, SELECTIONS } from './experiment.ts';
import { createFaultyAgent } from './faulty-agent.ts';
import { createFaultyAppConfig } from './faulty-appconfig.ts';
import { createFaultyFile } from './faulty-file.ts';
import { createFaultyOpenFeature } from './faulty-openfeature.ts';
import type { CreateFaultyStore } from './faulty-store.ts';
import { createRequestPath, type RequestCounts } from './request-path.ts';
import { tableOf } from './table.ts';

const STORES: ReadonlyMap<string, CreateFaultyStore> = new Map([
  ['appconfig', createFaultyAppConfig],
  ['agent', createFaultyAgent],
  ['file', createFaultyFile],
  ['openfeature', createFaultyOpenFeature],
]);

describe.each([...STORES.keys()])('a flag source on %s', (name) => {
  it.each(FAULTS)('neither throws at a request nor moves a key under: %s', async (fault) => {
    const counts = await countsOf(name, fault);
    expect(counts).toMatchObject({ thrown: 0, sideChanges: 0, acceptanceChanges: 0 });
    expect(counts.selections).toBeGreaterThanOrEqual(SELECTIONS);
  });

  it.each(FAULTS)('reports the problem under: %s', async (fault) => {
    const { withProblem, stale } = await countsOf(name, fault);
    // From AppConfig's data plane an empty response means "unchanged": it confirms the document.
    if (name === 'appconfig' && fault === 'empty') return expect(withProblem).toBe(0);
    expect(withProblem).toBeGreaterThan(0);
    // Between two flaps the store confirms the document.
    if (fault !== 'flapping') expect(stale).toBeGreaterThan(0);
    if (fault === '24 h down') expect(stale).toBeGreaterThanOrEqual(SELECTIONS);
  });

  it('saw more than 100,000 selections', async () => {
    const results = await Promise.all(FAULTS.map((fault) => countsOf(name, fault)));
    expect(results.reduce((sum, { selections }) => sum + selections, 0)).toBeGreaterThan(100_000);
  });
});

const experiments = new Map<string, Map<Fault, Promise<RequestCounts>>>();

async function countsOf(name: string, fault: Fault): Promise<RequestCounts> {
  const counts = experiments.get(name)?.get(fault);
  if (counts === undefined) throw new Error(`no experiment on ${name} under ${fault}`);
  return counts;
}

/** Runs all experiments at once, except those on the disk, because a hung disk hangs for all of them. */
beforeAll(async () => {
  for (const name of STORES.keys()) experiments.set(name, new Map());
  const started = [...STORES].map(async ([name, create]) => {
    for (const fault of FAULTS) {
      const counts = experiment(create, fault);
      experiments.get(name)?.set(fault, counts);
      // Each test awaits its own experiment; a failure must not fail the others here.
      const ended = counts.catch(() => undefined);
      if (name === 'file') await ended;
    }
  });
  await Promise.all(started);
}, 110_000);

afterAll(async () => {
  const table = new Map<string, Map<string, RequestCounts>>();
  for (const name of STORES.keys()) {
    const byFault = new Map<string, RequestCounts>();
    for (const fault of FAULTS) {
      const counts = await countsOf(name, fault).catch(() => undefined);
      if (counts !== undefined) byFault.set(fault, counts);
    }
    table.set(name, byFault);
  }
  process.stdout.write(`\n${tableOf(table)}\n`);
  await OpenFeature.clearProviders();
});

describe('the counters', () => {
  function countThrough(source: Parameters<typeof createRequestPath>[0]): RequestCounts {
    const path = createRequestPath(source, POSITION);
    path.run(SELECTIONS);
    return path.counts();
  }

  it('count the keys that a good document with another percentage moves, and only those', async () => {
    const store = await createFaultyFile(Date.now);
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'crossfade-faults-'));
    onTestFinished(async () => {
      await store.close();
      await rm(cacheDirectory, { recursive: true });
    });
    await store.publish({ 'issue-target': { enabled: true, percent: 50 }, 'accept-legacy': { enabled: false } });
    const source = store.open(cacheDirectory);
    onTestFinished(() => void source.close());
    await source.firstPoll;
    const { sideChanges, ...counts } = countThrough(source);
    expect(counts).toMatchObject({ selections: SELECTIONS, thrown: 0, acceptanceChanges: 0, withProblem: 0 });
    expect(sideChanges / SELECTIONS).toBeCloseTo(0.125, 1);
  });

  it('count the changes of a source that falls back to the defaults', () => {
    const defaults = { document: DEFAULT_FLAG_DOCUMENT, revision: '8', ageSeconds: 0, stale: false };
    const { sideChanges, ...counts } = countThrough({ snapshot: () => defaults });
    expect(counts).toMatchObject({ thrown: 0, acceptanceChanges: SELECTIONS });
    expect(sideChanges / SELECTIONS).toBeCloseTo(0.375, 1);
  });

  it('count the errors that a source throws', () => {
    const throwing = () => {
      throw new Error('the store is down');
    };
    expect(countThrough({ snapshot: throwing })).toMatchObject({ selections: SELECTIONS, thrown: SELECTIONS });
  });
});
