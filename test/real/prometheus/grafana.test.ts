import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDashboard } from '../../grafana/dashboard.ts';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { type PrometheusProgram, startPrometheus } from '../fixture/prometheus-program.ts';
import { missing } from '../fixture/real-part.ts';
import { type RecordingApi, startRecordingApi } from '../fixture/recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';

const POLLING = { timeout: 60_000, interval: 500 };
const MAX_MS = 2000;
/** What shows nothing where nothing is wrong, or no OAuth client is scraped. */
const EMPTY = [
  'Since a valid token was refused',
  'Tokens that could not be judged',
  'Minted for clients that chose target',
  'Selections by side and reason',
  'Logins and refreshes by outcome',
];

interface Panel {
  readonly type: string;
  readonly title?: string;
  readonly targets?: readonly { readonly expr: string; readonly range?: boolean }[];
}

/** Each query as the dashboard asks it, with its variables set. */
const queries = (createDashboard().panels as readonly Panel[])
  .flatMap(({ title = '', targets = [] }) =>
    targets.map(({ expr, range = false }) => ({ title, range, expr: expr.replaceAll('$migration', 'orders-2026') })),
  )
  .map((query) => ({ ...query, expr: query.expr.replaceAll('$service', '.+') }));

describe.skipIf(missing('prometheus'))('the Grafana dashboard, against a Prometheus that scrapes two sidecars', () => {
  let issuer: Issuer;
  let api: RecordingApi;
  let sidecars: readonly SidecarProgram[] = [];
  let prometheus: PrometheusProgram;

  beforeAll(async () => {
    [issuer, api] = await Promise.all([startIssuer(), startRecordingApi()]);
    const settings = { issuer: issuer.url, mode: 'proxy', upstream: api.url } as const;
    const flags = { 'issue-target': { enabled: true, percent: 50 }, 'accept-legacy': { enabled: true } };
    sidecars = await Promise.all([1, 2].map(() => startSidecarProgram({ ...settings, flags })));
    prometheus = await startPrometheus(...sidecars);
    const tokens = [await issuer.mint(LEGACY), await issuer.mint(TARGET), await issuer.forge(LEGACY)];
    await vi.waitFor(async () => {
      for (const { port } of sidecars)
        for (const token of tokens)
          await (
            await fetch(`http://127.0.0.1:${port}/orders`, { headers: { authorization: `Bearer ${token}` } })
          ).text();
      expect(await prometheus.value('crossfade:watched:bool')).toBe(1);
      expect(await prometheus.value('sum(crossfade:rejections:rate5m)')).toBeGreaterThan(0);
    }, POLLING);
  });
  afterAll(async () => {
    await prometheus?.remove();
    await Promise.all(sidecars.map((sidecar) => sidecar.remove()));
    await Promise.all([issuer?.close(), api?.close()]);
  });

  it.each(queries)('answers $title within two seconds: $expr', async ({ title, expr, range }) => {
    const now = Date.now() / 1000;
    const parameters = range ? { query: expr, start: `${now - 30}`, end: `${now}`, step: '1' } : { query: expr };
    const startedMs = performance.now();
    const path = range ? 'query_range' : 'query';
    const response = await fetch(`${prometheus.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { data, error } = (await response.json()) as { data?: { result: readonly unknown[] }; error?: string };
    expect(error).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(MAX_MS);
    const count = data?.result.length ?? 0;
    if (EMPTY.includes(title)) expect(count).toBe(0);
    else expect(count).toBeGreaterThan(0);
  });
});
