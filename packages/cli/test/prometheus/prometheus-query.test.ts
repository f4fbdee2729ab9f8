import { UnavailableError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { createPrometheusQuery } from '../../src/prometheus/prometheus-query.ts';

const ONE = { metric: { migration: 'orders-2026' }, value: [1, '1'] };

/** Runs a query that gets this response. */
function query(response: object) {
  const data = { resultType: 'vector', result: [ONE] };
  return createPrometheusQuery({ get: async () => ({ status: 'success', data, ...response }) })('up');
}

it.each([
  ['Thanos', { warnings: ['receive series from the-secret-store: EOF'] }],
  ['a cluster of VictoriaMetrics', { isPartial: true }],
])('takes no response of %s that lacks what one of its stores knows', async (_store, response) => {
  await expect(query(response)).rejects.toThrow(/^Prometheus returned a part of the data only \(warnings or isPartial/);
  await expect(query(response)).rejects.toBeInstanceOf(UnavailableError);
  await expect(query(response)).rejects.toThrow(/^(?!.*the-secret)/);
});

it.each([
  ['no store is missing', { isPartial: false, warnings: [] }],
  ['a remark is about the query alone', { warnings: ['PromQL warning: ...'], infos: ['PromQL info: ...'] }],
])('returns the samples where %s', async (_case, response) => {
  expect(await query(response)).toEqual([{ labels: ONE.metric, value: 1 }]);
});
