import { LOGIN_OUTCOMES, MINTED_SIDES, REFRESH_OUTCOMES, SELECTION_REASONS, SIDES } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { Counter, Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { createClientMetrics } from '../../src/events/client-metrics.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { createTokenSource } from '../../src/machine/create-token-source.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

const names = { migration: 'orders-2026', service: 'web-app' };

/** Every sample above 0 of our counters, as `name{label=value,...}`, in the order of the exposition. */
async function counted(registry: Registry): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON();
  return Object.fromEntries(
    metrics.flatMap(({ name, values }) =>
      values
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => [
          `${name}{${Object.entries(labels)
            .map((entry) => entry.join('='))
            .join(',')}}`,
          value,
        ]),
    ),
  );
}

test('logins, refreshes and mints start at 0, and selections appear when first seen', async () => {
  const registry = new Registry();
  createClientMetrics({ registry, ...names });
  const series = async (name: string) => {
    const metrics = await registry.getMetricsAsJSON();
    return metrics.find((metric) => metric.name === name)?.values.length;
  };
  expect(await series(METRICS.logins.name)).toBe(LOGIN_OUTCOMES.length);
  expect(await series(METRICS.refreshes.name)).toBe(REFRESH_OUTCOMES.length);
  expect(await series(METRICS.mints.name)).toBe(SIDES.length * MINTED_SIDES.length);
  expect(await series(METRICS.selections.name)).toBe(0);
  expect(await counted(registry)).toEqual({});
});

test('each kind of event counts where it belongs, with the labels of the application', async () => {
  const registry = new Registry();
  const { onEvent } = createClientMetrics({ registry, ...names });
  const events: readonly ClientEvent[] = [
    ...SIDES.flatMap((side) =>
      SELECTION_REASONS.map((reason) => ({ type: 'selection', use: 'login', side, reason, revision: '7' }) as const),
    ),
    ...SIDES.flatMap((asked) =>
      MINTED_SIDES.map((minted) => ({ type: 'mint', use: 'refresh', asked, minted, revision: null }) as const),
    ),
    ...LOGIN_OUTCOMES.map((outcome) => ({ type: 'login', outcome, side: 'target', check: 'nonce' }) as const),
    ...REFRESH_OUTCOMES.map((outcome) => ({ type: 'refresh', outcome }) as const),
    { type: 'fell_back', use: 'machine', error: 'invalid_scope', revision: '7' },
    { type: 'refresh_reuse' },
    { type: 'logout', by: 'user' },
  ];
  for (const event of events) onEvent(event);
  const own = 'migration=orders-2026,service=web-app';
  const expected = [
    ...SIDES.flatMap((side) =>
      SELECTION_REASONS.map((reason) => `${METRICS.selections.name}{${own},side=${side},reason=${reason}}`),
    ),
    ...LOGIN_OUTCOMES.map((outcome) => `${METRICS.logins.name}{${own},outcome=${outcome}}`),
    ...REFRESH_OUTCOMES.map((outcome) => `${METRICS.refreshes.name}{${own},outcome=${outcome}}`),
    ...SIDES.flatMap((asked) =>
      MINTED_SIDES.map((minted) => `${METRICS.mints.name}{${own},asked=${asked},minted=${minted}}`),
    ),
  ];
  expect(await counted(registry)).toEqual(Object.fromEntries(expected.map((series) => [series, 1])));
});

test('each migration of combined selectors counts under its own name', async () => {
  const registry = new Registry();
  const { onEvent } = createClientMetrics({ registry, ...names });
  onEvent({
    type: 'mint',
    use: 'login',
    asked: 'legacy',
    minted: 'legacy',
    revision: '1+2',
    parts: { orders: { asked: 'target', minted: 'legacy' }, billing: { asked: 'legacy', minted: 'unknown' } },
  });
  onEvent({
    type: 'selection',
    use: 'login',
    side: 'legacy',
    reason: 'disabled',
    revision: '1+2',
    parts: { orders: { side: 'target', reason: 'full' }, billing: { side: 'legacy', reason: 'disabled' } },
  });
  expect(await counted(registry)).toEqual({
    'crossfade_mints_total{migration=orders,service=web-app,asked=target,minted=legacy}': 1,
    'crossfade_mints_total{migration=billing,service=web-app,asked=legacy,minted=unknown}': 1,
    'crossfade_selections_total{migration=orders,service=web-app,side=target,reason=full}': 1,
    'crossfade_selections_total{migration=billing,service=web-app,side=legacy,reason=disabled}': 1,
  });
});

test('clients of one application share the counters, and a second registration resets nothing', async () => {
  const registry = new Registry();
  createClientMetrics({ registry, ...names }).onEvent({ type: 'refresh', outcome: 'moved' });
  createClientMetrics({ registry, ...names }).onEvent({ type: 'refresh', outcome: 'moved' });
  createClientMetrics({ registry, ...names, service: 'nightly' }).onEvent({ type: 'refresh', outcome: 'moved' });
  expect(await counted(registry)).toEqual({
    'crossfade_refreshes_total{migration=orders-2026,service=web-app,outcome=moved}': 2,
    'crossfade_refreshes_total{migration=orders-2026,service=nightly,outcome=moved}': 1,
  });
});

test('a metric of that name that another program registered is refused, and so are wrong options', () => {
  const registry = new Registry();
  new Counter({ name: METRICS.selections.name, help: 'Of a sidecar.', labelNames: ['side'], registers: [registry] });
  expect(() => createClientMetrics({ registry, ...names })).toThrow(
    /registry: has a metric crossfade_selections_total of another program/,
  );
  expect(() => createClientMetrics({ registry: undefined as never, migration: '', service: 7 as never })).toThrow(
    /registry: must be a Registry of prom-client: npm install prom-client[\s\S]*migration: is required[\s\S]*service: is required/,
  );
});

test('a token source counts what it selects, and that the provider mints legacy instead; nothing secret', async () => {
  const provider = await startProvider();
  onTestFinished(() => provider.close());
  const registry = new Registry();
  const issuance = issuanceFixture({
    legacy: { scope: 'profile:read' },
    target: { scope: 'orders:read', resource: TARGET_RESOURCE },
  });
  issuance.percent = 100;
  const { onEvent } = createClientMetrics({ registry, ...names });
  const options = { ...provider, selector: issuance.selector, onEvent };
  const tokens = [await createTokenSource(options).token()];
  const minted = 'crossfade_mints_total{migration=orders-2026,service=web-app,asked=target';
  expect(await counted(registry)).toEqual({
    'crossfade_selections_total{migration=orders-2026,service=web-app,side=target,reason=full}': 1,
    [`${minted},minted=target}`]: 1,
  });
  provider.refusesTarget = true;
  tokens.push(await createTokenSource(options).token());
  expect(await counted(registry)).toMatchObject({ [`${minted},minted=target}`]: 1, [`${minted},minted=legacy}`]: 1 });
  const text = await registry.metrics();
  for (const secret of [...tokens, provider.clientSecret, provider.issuer]) expect(text).not.toContain(secret);
});

test('a browser login counts its start, its end, its token and its refresh', async () => {
  const provider = await startProvider();
  onTestFinished(() => provider.close());
  const registry = new Registry();
  const { onEvent } = createClientMetrics({ registry, ...names });
  const { selector } = issuanceFixture();
  const login = createBrowserLogin({ ...provider, selector, onEvent });
  const { url, pending } = await login.start({ key: 'alice' });
  const session = await login.finish(await provider.browse(url), pending);
  await login.refresh(session);
  const own = 'migration=orders-2026,service=web-app';
  expect(await counted(registry)).toEqual({
    [`crossfade_logins_total{${own},outcome=started}`]: 1,
    [`crossfade_logins_total{${own},outcome=succeeded}`]: 1,
    [`crossfade_refreshes_total{${own},outcome=refreshed}`]: 1,
    [`crossfade_selections_total{${own},side=legacy,reason=disabled}`]: 2,
    [`crossfade_mints_total{${own},asked=legacy,minted=legacy}`]: 2,
  });
});
