import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readFlagDocument } from '../../src/flag-store/flag-position.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

async function startAgent(document: unknown) {
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  app.get('/applications/orders/environments/prod/configurations/crossfade', () => document);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    source: 'agent',
    url,
    application: 'orders',
    environment: 'prod',
    profile: 'crossfade',
    pollIntervalMs: 15_000,
  } as const;
}

describe('readFlagDocument', () => {
  it('reads an AppConfig Agent, which cannot be written', async () => {
    const flags = await startAgent({ 'issue-target': { enabled: true, percent: 5 } });
    expect(await readFlagDocument({ migration: 'orders-2026', flags }, Date.now)).toMatchObject({
      issuance: { percent: 5 },
    });
    const { crossfade, writePlan } = await createWorkplace();
    const { pollIntervalMs: _, ...agent } = flags;
    await writePlan({ ...PLAN, flags: agent });
    expect(await crossfade(['status'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('5% target') });
    expect(await crossfade(['rollback'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('flags.source: '),
    });
  });

  it('rejects instead of returning defaults when the Agent never responded', async () => {
    const flags = await startAgent({});
    await expect(
      readFlagDocument({ migration: 'orders-2026', flags: { ...flags, profile: 'other' } }, Date.now),
    ).rejects.toThrow('returned no document');
  });
});
