import { createServer } from 'node:http';
import { DEFAULT_FLAG_DOCUMENT, type FlagSnapshot } from '@crossfade/core';
import { afterEach, describe, expect, test } from 'vitest';
import { createPrometheusInstances, instanceQueries } from '../../src/fleet/prometheus-instances.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { NOW_MS } from '../fixture/readings.ts';

type QueryName = keyof ReturnType<typeof instanceQueries>;
type Results = Partial<Record<QueryName, readonly { readonly value: number; readonly [label: string]: unknown }[]>>;

const NOW_SECONDS = NOW_MS / 1000;
const servers: Listening[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

/** Responds as a Prometheus that has these results. Real ones are in test/real. */
async function startPrometheus(results: Results, respond?: (query: QueryName) => string): Promise<string> {
  const names = new Map(Object.entries(instanceQueries('m')).map(([name, promql]) => [promql, name as QueryName]));
  const server = await listenOnLoopback(
    createServer((request, response) => {
      const promql = new URL(request.url ?? '', 'http://p').searchParams.get('query') ?? '';
      const count = countOf(promql, results);
      const counted = { metric: {}, value: [NOW_SECONDS, `${count}`] };
      if (count !== undefined)
        return void response.end(
          JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [counted] } }),
        );
      const name = names.get(promql);
      if (name === undefined) return void response.writeHead(400).end();
      const result = (results[name] ?? []).map(({ value, ...metric }) => ({
        metric,
        value: [NOW_SECONDS, `${value}`],
      }));
      response.end(respond?.(name) ?? JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    }),
  );
  servers.push(server);
  return server.url;
}

/** A small fleet is counted first. */
function countOf(promql: string, { live = [] }: Results): number | undefined {
  if (!promql.startsWith('count(')) return undefined;
  return promql.includes('collector_watches') ? 0 : live.length;
}

async function read(results: Results, snapshot: Partial<FlagSnapshot> = {}, respond?: (query: QueryName) => string) {
  const flags = createSettableFlags();
  const own = { ...flags.snapshot(), ...snapshot };
  const url = await startPrometheus(results, respond);
  const parts = { url, migration: 'm', silenceMs: 3_600_000, flags: () => own, adminPort: '9464' };
  return createPrometheusInstances(parts).read(new AbortController().signal, NOW_MS);
}

const POD = { job: 'crossfade', instance: '10.0.0.1:9465' };
/** One instance that Prometheus scraped 4 s ago. */
const SCRAPED: Results = {
  live: [{ ...POD, value: 1 }],
  scraped: [{ ...POD, value: NOW_SECONDS - 4 }],
  percent: [{ ...POD, value: 50 }],
  expected: [{ value: 3 }],
  flags: [{ ...POD, value: 1, revision: '7', source: 'appconfig a/e/p', hash: 'abc' }],
  flagsAge: [{ ...POD, value: 12 }],
};
const HELD: Partial<FlagSnapshot> = {
  hash: 'abc',
  document: {
    ...DEFAULT_FLAG_DOCUMENT,
    issuance: { enabled: true, percent: 50, revision: '7', sinceMs: NOW_MS - 600_000 },
    acceptance: 'both',
  },
};

test('reads what Prometheus has of an instance', async () => {
  const { instances, expected } = await read(
    {
      ...SCRAPED,
      accepted: [
        { ...POD, audience: 'legacy', value: 1.5 },
        { ...POD, audience: 'target', value: 4.5 },
      ],
      unauthorized: [{ ...POD, value: 2 }],
      disagreements: [{ ...POD, value: 3 }],
      lastDisagreement: [{ ...POD, value: NOW_SECONDS - 60 }],
      responses: [
        { ...POD, audience: 'legacy', response: 'accepted', value: NOW_SECONDS - 20 },
        { ...POD, audience: 'target', response: 'accepted', value: NOW_SECONDS - 30 },
        { ...POD, audience: 'target', response: 'unauthorized', value: NOW_SECONDS - 10 },
      ],
    },
    HELD,
  );
  expect(expected).toBe(3);
  expect(instances).toMatchObject([
    {
      ...{ name: '10.0.0.1:9465', problem: null, pageUrl: null, phase: 'migrate', percent: 50 },
      ...{ toldAt: '2026-03-01T11:59:56.000Z', mix: { legacy: 1.5, target: 4.5, bridge: 0 } },
      ...{ validUnauthorized: 2, lastUnauthorizedAt: '2026-03-01T11:59:50.000Z', disagreements: 3 },
      shown: { legacy: true, target: false },
      flags: { revision: '7', source: 'appconfig a/e/p', hash: 'abc', ageSeconds: 12 },
    },
  ]);
});

test('takes responses before the last move for unknown', async () => {
  const before = { ...POD, audience: 'target', response: 'unauthorized', value: NOW_SECONDS - 700 };
  const { instances } = await read({ ...SCRAPED, responses: [before] }, HELD);
  expect(instances[0]?.shown).toEqual({ legacy: null, target: null });
});

test('knows no phase of an instance that holds other flags, unless it says what it accepts', async () => {
  const other: Results = { ...SCRAPED, flags: [{ ...POD, value: 1, revision: '8', source: '', hash: 'other' }] };
  const [observing] = (await read(other, HELD)).instances;
  expect(observing).toMatchObject({ phase: null, percent: 50, flags: { source: null } });
  const accepts = [{ ...POD, audience: 'legacy', value: 0 }];
  const [enforcing] = (await read({ ...other, percent: [{ ...POD, value: 100 }], accepts }, HELD)).instances;
  expect(enforcing?.phase).toBe('contract');
});

test('calls an instance that is scraped no more by name, with its last scrape', async () => {
  const { instances } = await read({ ...SCRAPED, live: [] });
  expect(instances).toMatchObject([{ problem: 'is scraped no more', toldAt: '2026-03-01T11:59:56.000Z', phase: null }]);
});

test('lists an instance once that two jobs scrape, the live one', async () => {
  const again = { ...POD, job: 'again' };
  const scraped = [...(SCRAPED.scraped ?? []), { ...again, value: NOW_SECONDS - 300 }];
  const { instances } = await read({ ...SCRAPED, scraped: scraped.toReversed() });
  expect(instances).toMatchObject([{ name: '10.0.0.1:9465', problem: null }]);
});

describe('a link', () => {
  test.each([
    ['10.0.0.1:9464', 'http://10.0.0.1:9464/'],
    ['[2001:db8::1]:9464', 'http://[2001:db8::1]:9464/'],
    ['orders-api-7.example.com:9464', 'http://orders-api-7.example.com:9464/'],
    ['10.0.0.1:9465', null],
    ['evil.example.com/x:9464', null],
    ['user@evil.example.com:9464', null],
    ['javascript:alert(1)//:9464', null],
    ['"><img src=x onerror=alert(1)>:9464', null],
  ])('of the instance %s leads to %s', async (instance, pageUrl) => {
    const of = { job: 'crossfade', instance };
    const { instances } = await read({ live: [{ ...of, value: 1 }], scraped: [{ ...of, value: NOW_SECONDS }] });
    expect(instances).toMatchObject([{ name: instance, pageUrl }]);
  });
});

test.each([
  ['an error', JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'secret' })],
  ['another type', JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '2'] } })],
])('does not take %s for an empty fleet', async (_what, body) => {
  await expect(read(SCRAPED, {}, () => body)).rejects.toThrow(/^did not return an instant vector$/);
});
