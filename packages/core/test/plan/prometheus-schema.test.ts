import { describe, expect, it } from 'vitest';
import { parsePlanText } from '../../src/plan-file.ts';
import { ConfigError } from '../../src/vocabulary/error.ts';

const PLAN = `
version: 1
migration: orders-2026
legacy: { issuer: https://idp.example.com, audience: default-api, scope: openid }
target: { issuer: https://idp.example.com, audience: https://api.example.com/orders, scope: openid orders:read }
clients: []
flags: { source: file, path: ./flags.json }
`;
const URL_TEXT = 'https://prometheus.example.com/prom';

function prometheusOf(setting: string, environment: Record<string, string> = {}) {
  return parsePlanText(`${PLAN}gate: { prometheus: ${setting} }\n`, environment).gate.prometheus;
}

function problemsOf(setting: string, environment: Record<string, string> = {}): Record<string, string> {
  try {
    prometheusOf(setting, environment);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
}

describe('gate.prometheus', () => {
  it('is a URL, or a mapping that says how to ask a managed one', () => {
    expect(prometheusOf(URL_TEXT)).toEqual({ url: URL_TEXT, timeoutMs: 5000 });
    expect(
      prometheusOf(
        `{ url: '${URL_TEXT}', timeout: 30s, headers: { X-Scope-OrgID: team-a }, bearerTokenFile: ./token, ca: ./ca.pem }`,
      ),
    ).toEqual({
      url: URL_TEXT,
      timeoutMs: 30_000,
      headers: { 'X-Scope-OrgID': 'team-a' },
      bearerTokenFile: './token',
      ca: './ca.pem',
    });
    expect(prometheusOf(`{ url: '${URL_TEXT}', sigv4: { region: eu-central-1 } }`)?.sigv4).toEqual({
      region: 'eu-central-1',
      service: 'aps',
    });
  });

  it('has one way to authenticate, and no secret in the plan', () => {
    const two = `{ url: '${URL_TEXT}', bearerTokenFile: ./t, basic: { username: u, passwordFile: ./p } }`;
    expect(problemsOf(two)).toEqual({
      'gate.prometheus': expect.stringContaining('one of basic, bearerTokenFile, sigv4'),
    });
    expect(problemsOf(`{ url: 'https://user:password@p', bearerTokenFile: ./t }`)).toEqual({
      'gate.prometheus.url': expect.stringContaining('without user and password'),
    });
    const problems = problemsOf(`{ url: '${URL_TEXT}', headers: { Authorization: Bearer x, 'bad name': y } }`);
    expect(problems).toEqual({
      'gate.prometheus.headers.Authorization': expect.stringContaining('would be a secret in the plan'),
      'gate.prometheus.headers.bad name': 'must be the name of an HTTP header',
    });
  });

  it('says what is missing or wrong in each part', () => {
    expect(problemsOf(`{ url: 'http://p:9090', ca: ./ca.pem, basic: { username: u }, colour: red }`)).toEqual({
      'gate.prometheus.ca': expect.stringContaining('or the URL be https'),
      'gate.prometheus.basic.passwordFile': expect.stringContaining('is required: the path of a file'),
      'gate.prometheus.colour': expect.stringContaining('is not a known setting'),
    });
    expect(problemsOf('3')).toEqual({ 'gate.prometheus': 'must be an http or https URL, or a mapping with url' });
    expect(problemsOf(`{ headers: 3 }`)).toEqual({
      'gate.prometheus.url': 'is required: an http or https URL',
      'gate.prometheus.headers': 'must be a mapping of header names to values',
    });
  });

  it('takes each part from the environment, beside what the plan has', () => {
    expect(
      prometheusOf(URL_TEXT, {
        CROSSFADE_GATE_PROMETHEUS_TIMEOUT: '10s',
        CROSSFADE_GATE_PROMETHEUS_HEADERS: 'X-Scope-OrgID=team-a, X-Other=a=b',
        CROSSFADE_GATE_PROMETHEUS_BASIC_USERNAME: 'reader',
        CROSSFADE_GATE_PROMETHEUS_BASIC_PASSWORD_FILE: '/run/password',
      }),
    ).toEqual({
      url: URL_TEXT,
      timeoutMs: 10_000,
      headers: { 'X-Scope-OrgID': 'team-a', 'X-Other': 'a=b' },
      basic: { username: 'reader', passwordFile: '/run/password' },
    });
    const environment = {
      CROSSFADE_GATE_PROMETHEUS_TIMEOUT: '1s',
      CROSSFADE_GATE_PROMETHEUS: 'http://other:9090',
      CROSSFADE_GATE_PROMETHEUS_SIGV4_REGION: 'eu-west-1',
    };
    expect(prometheusOf(URL_TEXT, environment)).toMatchObject({ url: 'http://other:9090', timeoutMs: 1000 });
    expect(problemsOf(URL_TEXT, { CROSSFADE_GATE_PROMETHEUS_HEADERS: 'no-value-here-' })).toEqual({});
    expect(problemsOf(URL_TEXT, { CROSSFADE_GATE_PROMETHEUS_URL: 'prometheus' })).toEqual({
      CROSSFADE_GATE_PROMETHEUS_URL: 'must be an http or https URL',
    });
  });

  it('replaces the list of sidecars where the environment names a URL', () => {
    const plan = parsePlanText(`${PLAN}gate: { sidecars: ['http://s:9465'] }\n`, {
      CROSSFADE_GATE_PROMETHEUS_URL: 'http://p:9090',
    });
    expect(plan.gate).toMatchObject({ prometheus: { url: 'http://p:9090' } });
    expect(plan.gate.sidecars).toBeUndefined();
  });
});
