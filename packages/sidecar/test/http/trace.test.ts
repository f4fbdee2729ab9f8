import { expect, test } from 'vitest';
import { refuseTrace } from '../../src/http/trace.ts';

test.each(['TRACE', 'trace', 'Trace', 'TRACK'])('enforce refuses %s, and names what is allowed', (method) => {
  const { status, headers } = refuseTrace(method, false, 'enforce') ?? {};
  expect(status).toBe(405);
  expect(headers?.['allow']).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
});

test('observe lets TRACE pass', () => {
  expect(refuseTrace('TRACE', false, 'observe')).toBeUndefined();
});

test.each(['observe', 'enforce'] as const)('in %s a TRACE with a body is malformed', (judge) => {
  expect(refuseTrace('TRACE', true, judge)?.status).toBe(400);
});

test.each(['GET', 'TRACES', 'PATCH', 'xTRACE'])('%s passes', (method) => {
  expect(refuseTrace(method, true, 'enforce')).toBeUndefined();
});
