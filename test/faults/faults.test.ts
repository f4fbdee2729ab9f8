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
import { createRequestPath, type Tally } from './request-path.ts';
import { tableOf } from './table.ts';

const STORES: ReadonlyMap<string, CreateFaultyStore> = new Map([
  ['appconfig', createFaultyAppConfig],
  ['agent', createFaultyAgent],
  ['file', createFaultyFile],
  ['openfeature', createFaultyOpenFeature],
]);

describe.each([...STORES.keys()])('a flag source on %s', (name) => {
  it.each(FAULTS)('throws nothing at a request, and moves nobody, under: %s', async (fault) => {
    const tally = await tallyOf(name, fault);
    expect(tally).toMatchObject({ thrown: 0, sideChanges: 0, acceptanceChanges: 0 });
    expect(tally.selections).toBeGreaterThanOrEqual(SELECTIONS);
  });

  it.each(FAULTS)('shows that something is wrong under: %s', async (fault) => {
    const { withProblem, stale } = await tallyOf(name, fault);
    // To AppConfig's data plane an answer of no bytes means "unchanged": it confirms the document, and nothing is wrong.
    if (name === 'appconfig' && fault === 'empty') return expect(withProblem).toBe(0);
    expect(withProblem).toBeGreaterThan(0);
    // Between two flaps the store has confirmed the document.
    if (fault !== 'flapping') expect(stale).toBeGreaterThan(0);
    if (fault === '24 h down') expect(stale).toBeGreaterThanOrEqual(SELECTIONS);
  });

  it('has met more than 100,000 selections', async () => {
    const tallies = await Promise.all(FAULTS.map((fault) => tallyOf(name, fault)));
    expect(tallies.reduce((sum, { selections }) => sum + selections, 0)).toBeGreaterThan(100_000);
  });
});

const experiments = new Map<string, Map<Fault, Promise<Tally>>>();

async function tallyOf(name: string, fault: Fault): Promise<Tally> {
  const tally = experiments.get(name)?.get(fault);
  if (tally === undefined) throw new Error(`no experiment on ${name} under ${fault}`);
  return tally;
}

/** All at the same time, except on the disk: one that hangs hangs for all of them. */
beforeAll(async () => {
  for (const name of STORES.keys()) experiments.set(name, new Map());
  const started = [...STORES].map(async ([name, create]) => {
    for (const fault of FAULTS) {
      const tally = experiment(create, fault);
      experiments.get(name)?.set(fault, tally);
      // Each test awaits its own; here one that fails fails nothing.
      const ended = tally.catch(() => undefined);
      if (name === 'file') await ended;
    }
  });
  await Promise.all(started);
}, 110_000);

afterAll(async () => {
  const table = new Map<string, Map<string, Tally>>();
  for (const name of STORES.keys()) {
    const byFault = new Map<string, Tally>();
    for (const fault of FAULTS) {
      const tally = await tallyOf(name, fault).catch(() => undefined);
      if (tally !== undefined) byFault.set(fault, tally);
    }
    table.set(name, byFault);
  }
  process.stdout.write(`\n${tableOf(table)}\n`);
  await OpenFeature.clearProviders();
});

describe('the counters', () => {
  function tallyThrough(source: Parameters<typeof createRequestPath>[0]): Tally {
    const path = createRequestPath(source, POSITION);
    path.run(SELECTIONS);
    return path.tally();
  }

  it('count those whom a good document with another percentage moves, and only them', async () => {
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
    const { sideChanges, ...tally } = tallyThrough(source);
    expect(tally).toMatchObject({ selections: SELECTIONS, thrown: 0, acceptanceChanges: 0, withProblem: 0 });
    expect(sideChanges / SELECTIONS).toBeCloseTo(0.125, 1);
  });

  it('count what a source does that falls back to the defaults', () => {
    const defaults = { document: DEFAULT_FLAG_DOCUMENT, revision: '8', ageSeconds: 0, stale: false };
    const { sideChanges, ...tally } = tallyThrough({ snapshot: () => defaults });
    expect(tally).toMatchObject({ thrown: 0, acceptanceChanges: SELECTIONS });
    expect(sideChanges / SELECTIONS).toBeCloseTo(0.375, 1);
  });

  it('count what a source throws', () => {
    const throwing = () => {
      throw new Error('the store is down');
    };
    expect(tallyThrough({ snapshot: throwing })).toMatchObject({ selections: SELECTIONS, thrown: SELECTIONS });
  });
});
