import { LOGIN_OUTCOMES, MINTED_SIDES, REFRESH_OUTCOMES, SELECTION_REASONS, SIDES } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { createClientMetrics } from '../../src/events/client-metrics.ts';

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
