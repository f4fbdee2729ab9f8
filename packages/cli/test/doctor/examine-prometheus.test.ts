import { parsePlan } from '@crossfade/core';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { examinePrometheus } from '../../src/doctor/examine-prometheus.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

interface Server {
  /** The samples of one instance in ten minutes. */
  scrapes: number | undefined;
  retention: string | undefined;
  flag: string | undefined;
  /** A label of the meters that a label of the target displaced. */
  renamed: string | undefined;
  nowMs: number;
}

async function startServer(server: Server) {
  const app = Fastify({ forceCloseConnections: true });
  app.get<{ Querystring: { query: string } }>('/api/v1/query', ({ query: { query } }) => {
    const isRenamed = server.renamed !== undefined && query.includes(server.renamed);
    if (query.includes('exported_'))
      return {
        status: 'success',
        data: { resultType: 'vector', result: isRenamed ? [{ metric: {}, value: [0, '3'] }] : [] },
      };
    const value = query.includes('count_over_time') ? server.scrapes : server.nowMs / 1000;
    const result = value === undefined ? [] : [{ metric: {}, value: [0, String(value)] }];
    return { status: 'success', data: { resultType: 'vector', result } };
  });
  app.get('/api/v1/status/runtimeinfo', (_request, reply) =>
    server.retention === undefined ? reply.code(404).send({}) : { data: { storageRetention: server.retention } },
  );
  app.get('/api/v1/status/flags', (_request, reply) =>
    server.flag === undefined ? reply.code(404).send({}) : { data: { 'storage.tsdb.retention.time': server.flag } },
  );
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return url;
}

async function examine(change: Partial<Server>) {
  const server = { scrapes: 40, retention: '40d', flag: undefined, renamed: undefined, nowMs: NOW_MS, ...change };
  const plan = parsePlan({ ...PLAN, gate: { prometheus: await startServer(server) } });
  const findings = await examinePrometheus(plan, { now: () => NOW_MS, signal: new AbortController().signal });
  return Object.fromEntries(findings.map(({ check, verdict, detail }) => [check, `${verdict}: ${detail}`]));
}

describe('examinePrometheus', () => {
  it('passes a server that scrapes often, keeps samples long enough and has the same time', async () => {
    expect(await examine({})).toEqual({
      rules: 'unknown: this server does not list its rules (/api/v1/rules)',
      scrape: 'pass: instances are scraped every 15s or more often; gate.blind is 5m',
      retention: 'pass: samples are kept for 40d; the recording rules look back 1d',
      clock: 'pass: this clock agrees with the one of Prometheus',
    });
  });

  it('warns of scrapes that are too seldom for gate.blind, and does not know without samples', async () => {
    expect((await examine({ scrapes: 3 }))['scrape']).toMatch(/^warn: instances seem to be scraped every 3m 20s/);
    expect((await examine({ scrapes: undefined }))['scrape']).toMatch(/^unknown/);
  });

  it.each([
    ['12h', 'fail: this server keeps samples for 12h,'],
    ['4w2d or 512MB', 'pass: samples are kept for 30d;'],
    ['1y', 'pass: samples are kept for 365d'],
    ['512MB', 'unknown'],
  ])('judges a retention of %s', async (retention, expected) => {
    expect((await examine({ retention }))['retention']).toContain(expected);
  });

  it('reads the retention of the flags of an older server, and does not know what no server tells', async () => {
    expect((await examine({ retention: undefined, flag: '0s' }))['retention']).toContain('samples are kept for 15d');
    expect((await examine({ retention: undefined, flag: '60d' }))['retention']).toContain('pass');
    expect((await examine({ retention: undefined }))['retention']).toContain('unknown');
  });

  it.each(['migration', 'service', 'process'])('fails where a label of the target displaces %s', async (label) => {
    expect((await examine({ renamed: `exported_${label}` }))['rules']).toMatch(
      new RegExp(`^fail: ${label} of the meters became exported_${label}: `),
    );
  });

  it('warns of a clock that differs', async () => {
    expect((await examine({ nowMs: NOW_MS - 60_000 }))['clock']).toMatch(/^warn: .* differ by about 1m/);
  });

  it('asks nothing where the gate asks sidecars', async () => {
    const tools = { now: () => NOW_MS, signal: new AbortController().signal };
    expect(await examinePrometheus(parsePlan(PLAN), tools)).toEqual([]);
  });
});
