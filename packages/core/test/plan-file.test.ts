import { describe, expect, it } from 'vitest';
import { parsePlanText } from '../src/plan-file.ts';
import { ConfigError } from '../src/vocabulary/error.ts';

const text = `version: 1
migration: orders-2026
legacy:
  issuer: https://idp.example.com
  audience: default-api
target:
  issuer: https://idp.example.com
  audience: https://api.example.com/orders
clients: [web-app, nightly-batch]
flags: { source: file, path: ./flags.json }
sidecar:
  service: orders-api
  upstream: http://127.0.0.1:3000
`;

function problemsOf(planText: string, environment?: Record<string, string>) {
  try {
    parsePlanText(planText, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('parsePlanText', () => {
  it('reads YAML', () => {
    expect(parsePlanText(text)).toMatchObject({ migration: 'orders-2026', clients: ['web-app', 'nightly-batch'] });
  });

  it('reads JSON, which is YAML', () => {
    expect(parsePlanText(JSON.stringify(parsePlanTextInput()))).toEqual(parsePlanText(text));
  });

  it('lets the environment override sidecar and flags', () => {
    const plan = parsePlanText(text, {
      CROSSFADE_SIDECAR_LISTEN: '0.0.0.0:80',
      CROSSFADE_FLAGS_PATH: '/etc/flags.json',
    });
    expect(plan).toMatchObject({ sidecar: { listen: '0.0.0.0:80' }, flags: { path: '/etc/flags.json' } });
  });

  it('lets the environment supply a section that the text leaves out', () => {
    const withoutFlags = text.replace(/^flags.*\n/m, '');
    const plan = parsePlanText(withoutFlags, { CROSSFADE_FLAGS_SOURCE: 'file', CROSSFADE_FLAGS_PATH: 'f.json' });
    expect(plan.flags).toEqual({ source: 'file', path: 'f.json' });
  });

  it('takes the gate from the environment: numbers, lists, and one source of meters in place of the other', () => {
    const plan = parsePlanText(`${text}gate: { prometheus: 'http://prometheus:9090' }\n`, {
      CROSSFADE_GATE_SIDECARS: 'http://10.0.0.7:9465, http://10.0.0.8:9465',
      CROSSFADE_GATE_COVERAGE: '0.5',
    });
    expect(plan.gate).toMatchObject({ coverage: 0.5, sidecars: ['http://10.0.0.7:9465', 'http://10.0.0.8:9465'] });
    expect(plan.gate.prometheus).toBeUndefined();
    const other = parsePlanText(`${text}gate: { sidecars: ['http://10.0.0.7:9465'] }\n`, {
      CROSSFADE_GATE_PROMETHEUS: 'http://prometheus:9090',
    });
    expect(other.gate).toMatchObject({ prometheus: { url: 'http://prometheus:9090', timeoutMs: 5000 } });
    expect(other.gate.sidecars).toBeUndefined();
    expect(parsePlanText(text, { CROSSFADE_GATE_SILENCE: '1h' }).gate.silenceMs).toBe(3_600_000);
  });

  it('refuses a share that is no number, and names the variable', () => {
    for (const value of ['', 'all'])
      expect(problemsOf(text, { CROSSFADE_GATE_COVERAGE: value })).toMatchObject([{ path: 'CROSSFADE_GATE_COVERAGE' }]);
  });

  it('forgets the settings of one flag source when the environment names another: break glass', () => {
    const appconfig = text.replace(
      /^flags.*$/m,
      'flags: { source: appconfig, application: a, environment: e, profile: p }',
    );
    const plan = parsePlanText(appconfig, { CROSSFADE_FLAGS_PATH: 'f.json', CROSSFADE_FLAGS_SOURCE: 'file' });
    expect(plan.flags).toEqual({ source: 'file', path: 'f.json' });
  });

  it('names the line of each problem: of the value, of the unknown key, or of the mapping a key is missing from', () => {
    const wrong = text
      .replace('default-api', '""')
      .replace('clients: [web-app, nightly-batch]', 'clients:\n  - web-app\n  - 3')
      .replace('service: orders-api', 'servcie: orders-api');
    expect(problemsOf(wrong).map(({ path, line }) => [path, line])).toEqual([
      ['legacy.audience', 5],
      ['clients.1', 11],
      ['sidecar.service', 14],
      ['sidecar.servcie', 14],
    ]);
  });

  it('names the variable when the wrong value came from the environment', () => {
    expect(problemsOf(text, { CROSSFADE_SIDECAR_ADMIN: 'nowhere', CROSSFADE_SIDECAR_FOO: '1' })).toEqual([
      { path: 'CROSSFADE_SIDECAR_ADMIN', message: expect.stringContaining('host:port') },
      { path: 'CROSSFADE_SIDECAR_FOO', message: 'is not a known setting: unset it' },
    ]);
    expect(problemsOf(text, { CROSSFADE_FLAGS_FOO: '1' })).toHaveLength(1);
  });

  it('reports text that is no YAML with its line, and a key that stands twice', () => {
    expect(problemsOf('version: 1\nlegacy: [')[0]).toMatchObject({
      message: expect.stringContaining('not valid YAML'),
    });
    expect(problemsOf('version: 1\nversion: 1\n')[0]).toMatchObject({ line: 2 });
  });

  it('says what is expected of an empty file, and of one that holds a list', () => {
    expect(problemsOf('')[0]?.message).toContain('a mapping with version');
    expect(problemsOf('- 1\n')[0]?.message).toContain('a mapping with version');
    expect(problemsOf('a: 1\nb: *nothing')[0]?.message).toContain('not valid YAML');
  });
});

function parsePlanTextInput() {
  const issuer = 'https://idp.example.com';
  return {
    version: 1,
    migration: 'orders-2026',
    legacy: { issuer, audience: 'default-api' },
    target: { issuer, audience: 'https://api.example.com/orders' },
    clients: ['web-app', 'nightly-batch'],
    flags: { source: 'file', path: './flags.json' },
    sidecar: { service: 'orders-api', upstream: 'http://127.0.0.1:3000' },
  };
}
