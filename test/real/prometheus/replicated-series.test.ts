import { describe, expect, it } from 'vitest';
import { expectedInstances, recordedOpenConnections } from '../../../packages/cli/src/fleet/prometheus-queries.ts';
import { instanceQueries } from '../../../packages/sidecar/src/fleet/prometheus-instances.ts';
import { missing } from '../fixture/real-part.ts';
import { runPromtool } from './fixture/promtool.ts';

const MIGRATION = 'orders-2026';

/** A series of two clusters, as two replicas of a Prometheus record it. */
function recordedTwice(name: string, labels: string) {
  return ['1', '2'].flatMap((replica) => [
    { series: `crossfade:${name}{migration="${MIGRATION}",cluster="a",replica="${replica}",${labels}}`, values: '2x9' },
    { series: `crossfade:${name}{migration="${MIGRATION}",cluster="b",replica="${replica}",${labels}}`, values: '3x9' },
  ]);
}

describe.skipIf(missing('promtool'))('a store that keeps what both replicas of a Prometheus record', () => {
  it.each([
    ['expected instances', expectedInstances({ migration: MIGRATION }), '{}'],
    ['expected instances on the page', instanceQueries(MIGRATION).expected, '{}'],
    ['open connections', recordedOpenConnections({ migration: MIGRATION }), '{audience="legacy"}'],
  ])('counts %s once, and clusters in sum', (_what, expr, labels) => {
    const series = [
      ...recordedTwice('expected_instances:sum', 'service="orders-api"'),
      ...recordedTwice('open_connections:sum', 'service="orders-api",audience="legacy"'),
    ];
    const { code, output } = runPromtool([
      { name: 'replicas', series, expectations: [{ expr, labels, minute: 5, value: 5 }] },
    ]);
    expect(code, output).toBe(0);
  });
});
