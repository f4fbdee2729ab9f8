// Traffic of both audiences at a steady arrival rate. main.ts runs this file and passes the environment; k6 v2 reads TypeScript.
import { check } from 'k6';
import encoding from 'k6/encoding';
import http from 'k6/http';
import type { Options } from 'k6/options';

type Side = 'legacy' | 'target';

const SECONDS = Number(__ENV['SECONDS']);
const RATE = Number(__ENV['RATE']);
const APIS = (__ENV['APIS'] ?? '').split(',');
const RENEWAL_MARGIN_MS = 2000;

const arrivals = (side: Side, rate: number) => ({
  executor: 'constant-arrival-rate' as const,
  exec: side,
  rate,
  timeUnit: '1s',
  duration: `${SECONDS}s`,
  preAllocatedVUs: 50,
  maxVUs: 100,
  tags: { side },
});

export const options: Options = {
  scenarios: { legacy: arrivals('legacy', RATE / 2), target: arrivals('target', RATE / 2) },
  thresholds: {
    // Without a threshold, a failed check does not fail the run.
    checks: ['rate==1'],
    'http_req_failed{kind:api}': ['rate==0'],
    'http_req_duration{kind:api}': ['p(95)<1000'],
    // k6 sent nearly all arrivals: a shared machine drops a few.
    dropped_iterations: [`count<${Math.max(1, RATE * SECONDS * 0.02)}`],
  },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
};

const cached: { token: string; renewAtMs: number } = { token: '', renewAtMs: 0 };

/** Returns the token of this virtual user, and requests a new one before it expires. */
function token(side: Side): string {
  if (Date.now() < cached.renewAtMs) return cached.token;
  const body: Record<string, string> = { grant_type: 'client_credentials', scope: __ENV[`${side}_SCOPE`] ?? '' };
  const resource = __ENV[`${side}_RESOURCE`];
  if (resource) body['resource'] = resource;
  const basic = encoding.b64encode(`${__ENV['CLIENT_ID']}:${__ENV['CLIENT_SECRET']}`);
  const params = { headers: { authorization: `Basic ${basic}` }, tags: { kind: 'token' } };
  const response = http.post(__ENV['TOKEN_ENDPOINT'] ?? '', body, params);
  check(response, { 'the identity provider mints a token': ({ status }) => status === 200 });
  cached.token = String(response.json('access_token'));
  cached.renewAtMs = Date.now() + Number(response.json('expires_in')) * 1000 - RENEWAL_MARGIN_MS;
  return cached.token;
}

function order(side: Side): void {
  const url = `${APIS[Math.floor(Math.random() * APIS.length)]}/orders`;
  const params = { headers: { authorization: `Bearer ${token(side)}` }, tags: { kind: 'api' } };
  check(http.get(url, params), { 'a valid token is accepted': ({ status }) => status === 200 });
}

export function legacy(): void {
  order('legacy');
}

export function target(): void {
  order('target');
}

interface Summary {
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;
}

/** Prints the results as JSON on one line. */
export function handleSummary({ metrics }: Summary): Record<string, string> {
  const values = (name: string): Readonly<Record<string, number>> => metrics[name]?.values ?? {};
  const figures = {
    requests: values('http_reqs{kind:api}')['count'] ?? values('http_req_failed{kind:api}')['fails'],
    rejectedShare: values('http_req_failed{kind:api}')['rate'],
    checksPassedShare: values('checks')['rate'],
    droppedArrivals: values('dropped_iterations')['count'] ?? 0,
    durationMs: values('http_req_duration{kind:api}'),
  };
  return { stdout: `${JSON.stringify(figures)}\n` };
}
