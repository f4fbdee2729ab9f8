import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePlan } from '@crossfade/core';
import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import { type CountedJudgement, createCollectorSender } from '@crossfade/validator/collector';
import { AUDIENCES, ISSUER } from './bench-issuer.ts';
import { interleave } from './interleave.ts';
import { compareRoutes } from './route.ts';
import { printTable } from './table.ts';

const STRINGIFIED = 'JSON.stringify of each judgement, for scale';

/** Prints the cost of recording a process's judgements for a collector: in a loop, and in a Fastify route. */
export async function benchCollector(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-bench-'));
  const collector = await startCollector(join(folder, 'flags.json'));
  try {
    await benchRecord(collector.adminUrl);
    await benchCollectedRoute(collector);
  } finally {
    await collector.close();
    await rm(folder, { recursive: true });
  }
}

async function startCollector(flags: string): Promise<Sidecar> {
  await writeFile(flags, '{}');
  return startSidecar(
    parsePlan({
      version: 1,
      clients: [],
      migration: 'bench',
      legacy: { issuer: ISSUER, audience: AUDIENCES[0] },
      target: { issuer: ISSUER, audience: AUDIENCES[1] },
      flags: { source: 'file', path: flags },
      sidecar: { service: 'bench', mode: 'collect', admin: '127.0.0.1:0' },
    }),
  );
}

const TOKEN = { outcome: 'accepted', afterClose: 'rejected', issuedAt: 1_000, expiresAt: 2_000 } as const;
const MIXED: readonly CountedJudgement[] = [
  { ...TOKEN, audience: 'legacy', clientId: 'web-app' },
  { ...TOKEN, audience: 'legacy', clientId: 'nightly-batch' },
  { ...TOKEN, audience: 'target', clientId: 'web-app', afterClose: 'accepted' },
  { outcome: 'rejected', audience: 'invalid', reason: 'expired' },
];

async function benchRecord(url: string): Promise<void> {
  const sender = createCollectorSender({ url, validator: { acceptance: () => 'both' } });
  const details = { status: 200, durationSeconds: 0.000_02 };
  let turn = 0;
  const judgement = () => {
    turn = (turn + 1) % MIXED.length;
    return MIXED[turn] ?? MIXED[0];
  };
  const record = (more?: typeof details) => {
    const next = judgement();
    if (next !== undefined) sender.record(next, more);
  };
  const figures = await interleave(
    [
      { name: 'record', run: () => record() },
      { name: 'record, with status and duration', run: () => record(details) },
      { name: STRINGIFIED, run: () => JSON.stringify(judgement()) },
      { name: 'taking the next judgement', run: judgement },
    ],
    { rounds: 15, sliceMs: 40 },
  );
  if (!(await sender.close())) throw new Error('the collector did not count every record of the benchmark');
  printTable('Recording for a collector, legacy, target and rejected mixed', figures, [STRINGIFIED]);
  process.stdout.write(`${sender.status().counted} records counted by the collector, none lost\n`);
}

async function benchCollectedRoute({ adminUrl }: Sidecar): Promise<void> {
  const guarded = { name: 'crossfade plugin', settings: ['guarded'] };
  const collected = { name: 'and a collector sender', settings: ['guarded', adminUrl] };
  await compareRoutes('A Fastify route whose judgements are sent to a collector', [guarded, collected]);
}
