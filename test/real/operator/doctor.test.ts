import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { parsePlan } from '@crossfade/core';
import { type IdentityProvider, startIdentityProvider } from '@crossfade/lab';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { deployedCopy } from '../fixture/deployed-copy.ts';
import { LEGACY, TARGET } from '../fixture/issuer.ts';
import { listens } from '../fixture/listens.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { startLoopbackServer } from '../fixture/loopback-server.ts';
import { startProgram } from '../fixture/program.ts';
import { missing } from '../fixture/real-part.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';

const MACHINE = { clientId: 'nightly-batch', clientSecret: 'not-a-secret-of-anyone' };

interface Finding {
  readonly check: string;
  readonly verdict: string;
  readonly detail: string;
}
interface Item extends Omit<Finding, 'check'> {
  readonly area: string;
  readonly item: string;
}

/** A real provider, an API that judges with the validator, and a sidecar that observes it. */
describe('crossfade doctor', () => {
  const undo: (() => unknown)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-doctor-'));
  let provider: IdentityProvider;
  let sidecar: SidecarProgram;
  let api: string;

  beforeAll(async () => {
    provider = await startIdentityProvider({
      defaultResource: { resource: 'urn:legacy', audience: LEGACY, scope: 'orders:read' },
      targetResource: { resource: TARGET, audience: TARGET, scope: 'orders:read' },
      webApp: { clientId: 'web-app', clientSecret: 'not-a-secret-either', redirectUri: 'http://127.0.0.1/callback' },
      machines: [MACHINE],
      tokenLifetimeSeconds: 600,
      sessionLifetimeSeconds: 600,
    });
    undo.push(() => provider.close());
    const validator = createValidator(
      validatorOptions(
        parsePlan({
          version: 1,
          migration: 'orders-2026',
          clients: [],
          legacy: { issuer: provider.issuer, audience: LEGACY, tokenLifetime: '1h', sessionLifetime: '0s' },
          target: { issuer: provider.issuer, audience: TARGET, tokenLifetime: '1h' },
          flags: { source: 'file', path: './flags.json' },
        }),
      ),
    );
    undo.push(() => validator.close());
    const orders = await startLoopbackServer((request, response) => {
      void (async () => {
        const { authorization } = request.headers;
        const { outcome } = await validator.judgeHeader(authorization);
        if (outcome === 'accepted') return response.end('{"orders":[]}');
        const challenge = authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      })();
    });
    undo.push(() => orders.close());
    sidecar = await startSidecarProgram({ issuer: provider.issuer, mode: 'proxy', upstream: orders.url });
    undo.push(() => sidecar.remove());
    api = `http://127.0.0.1:${sidecar.port}/orders`;
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
    rmSync(folder, { recursive: true, force: true });
  });

  async function mint(resource: string): Promise<string> {
    const response = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${MACHINE.clientId}:${MACHINE.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:read', resource }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** The plan of the sidecar, with this gate. */
  function writePlan(gate: object): string {
    const path = join(folder, `${crypto.randomUUID()}.yaml`);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(sidecar.planPath, 'utf8')), gate }));
    return path;
  }

  interface Result {
    readonly code: number;
    readonly output: string;
    readonly json: { readonly findings: readonly Finding[]; readonly list: readonly Item[] };
    /** The findings of some checks, as text. */
    of(...checks: readonly string[]): readonly string[];
  }

  async function doctor(planPath: string, url: string, more: readonly string[] = [], env = {}): Promise<Result> {
    let output = '';
    let stdout = '';
    const code = await run(['doctor', '--json', '--api', url, '--config', planPath, ...more], {
      stdout: {
        write(text) {
          output += text;
          stdout += text;
        },
      },
      stderr: {
        write(text) {
          output += text;
        },
      },
      env,
      cwd: folder,
    });
    const json = JSON.parse(stdout) as Result['json'];
    return {
      code,
      output,
      json,
      of: (...checks) =>
        json.findings
          .filter(({ check }) => checks.includes(check))
          .map(({ check, verdict, detail }) => `${check} ${verdict}: ${detail}`),
    };
  }

  it('finds nothing wrong with a healthy fleet, and prints no token', async () => {
    const token = await mint(TARGET);
    const gate = { sidecars: [sidecar.adminUrl] };
    const result = await doctor(writePlan(gate), api, [], { CROSSFADE_TARGET_TOKEN: token });
    expect(result.code).toBe(0);
    expect(result.json.findings.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(result.of('metadata', 'key_ids', 'versions', 'plans', 'api', 'target_token', 'forged')).toEqual([
      expect.stringMatching(/^metadata pass/),
      expect.stringMatching(/^key_ids pass/),
      expect.stringMatching(/^versions pass: 1 sidecar and this CLI/),
      expect.stringMatching(/^plans pass: the plan of 1 sidecar is the one read here/),
      `api pass: ${api} responds to a request without a token with 401 and a challenge`,
      `forged pass: ${api}: a token that is signed with a foreign key is refused with 401 and invalid_token`,
      `forged pass: ${api}: a token with alg none is refused with 401 and invalid_token`,
      `target_token pass: ${api} takes the target token (200)`,
    ]);
    for (const part of token.split('.')) expect(result.output).not.toContain(part);
    expect(result.output).not.toContain('eyJ');
  });

  it('sees a sidecar that judges by another plan', async () => {
    const path = writePlan({ sidecars: [sidecar.adminUrl] });
    writeFileSync(path, readFileSync(path, 'utf8').replace('"tokenLifetime":"1h"', '"tokenLifetime":"2h"'));
    expect((await doctor(path, api)).of('plans')).toEqual([expect.stringMatching(/^plans warn: .* judges by another/)]);
  });

  it('goes through the literature with what provider, API and sidecar show', async () => {
    const plan = writePlan({ sidecars: [sidecar.adminUrl] });
    const env = { CROSSFADE_TARGET_TOKEN: await mint(TARGET) };
    const { code, json } = await doctor(plan, api, ['--list'], env);
    const verdicts = Object.fromEntries(json.list.map(({ area, item, verdict }) => [`${area}.${item}`, verdict]));
    expect(verdicts).toMatchObject({
      'api.signature': 'pass',
      'api.algorithms': 'pass',
      'api.keys': 'pass',
      'api.challenge': 'pass',
      'api.tls': 'unknown',
      'api.expiry': 'unknown',
      'api.sender_constrained': 'fail',
      'api.introspection': 'n/a',
      'client.no_id_token_to_api': 'pass',
      'client.id_token_nonce': 'unknown',
      'storage.logs': 'unknown',
      'issuer.pkce': 'pass',
      'issuer.password_grant': 'pass',
      'issuer.endpoints_tls': 'n/a',
      'issuer.mix_up': 'n/a',
    });
    expect(code).toBe(0);
    // A sidecar that cannot be asked may have seen anything, and an API that takes no token refuses forged ones, too.
    const silent = writePlan({ sidecars: [sidecar.adminUrl, `http://127.0.0.1:${await loopbackPort()}`] });
    const { list } = (await doctor(silent, api, ['--list'])).json;
    for (const name of ['signature', 'algorithms', 'no_id_token_to_api'])
      expect(list.find(({ item }) => item === name)).toMatchObject({ verdict: 'unknown' });
  });

  describe.skipIf(missing('prometheus'))('with Prometheus', () => {
    /** The shipped rules but for what is replaced; the interval is no part of their content. */
    async function startPrometheus(replaced: Readonly<Record<string, string>>): Promise<string> {
      const copy = deployedCopy('prometheus', {
        'sidecar:9465': `127.0.0.1:${sidecar.adminPort}`,
        'scrape_interval: 15s': 'scrape_interval: 1s',
        ' interval: 30s': ' interval: 1s',
        ' interval: 1m': ' interval: 1s',
        ...replaced,
      });
      onTestFinished(copy.remove);
      const port = await loopbackPort();
      const url = `http://127.0.0.1:${port}`;
      const { folder: cwd } = copy;
      const args = [`--config.file=${cwd}/prometheus.yml`, `--storage.tsdb.path=${cwd}/data`];
      const program = await startProgram('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], {
        cwd,
        ready: async () => (await fetch(`${url}/-/ready`)).ok,
      });
      onTestFinished(() => program.stop('SIGKILL'));
      return url;
    }

    const waiting = { timeout: 30_000, interval: 500 };

    it('passes the rules that this release ships, reads their metrics, and knows the same of tokens', async () => {
      const plan = writePlan({ prometheus: await startPrometheus({}) });
      await vi.waitFor(async () => {
        expect((await doctor(plan, api)).of('rules', 'versions')).toEqual([
          expect.stringMatching(/^versions pass: 1 sidecar/),
          expect.stringMatching(/^rules pass: \d+ rules are loaded as this release ships them/),
        ]);
      }, waiting);
      const { json } = await doctor(plan, api, ['--list']);
      expect(json.list.find(({ item }) => item === 'no_id_token_to_api')?.verdict).toBe('pass');
    });

    it('fails without the rules, which were never loaded', async () => {
      const plan = writePlan({ prometheus: await startPrometheus({ '  - crossfade.rules.yml\n': '' }) });
      const { code, of } = await doctor(plan, api);
      expect(code).toBe(1);
      expect(of('rules')).toEqual([
        'rules fail: Prometheus has no rule group crossfade-level-2, crossfade-level-2-traffic, crossfade-alerts',
      ]);
    });

    it('fails on rules that were evaluated once, and are late now', async () => {
      let isSlow = false;
      const remote = await startLoopbackServer((_, response) => {
        if (!isSlow) response.writeHead(500).end();
      });
      onTestFinished(() => remote.close());
      const remoteRead = `remote_read:\n  - url: ${remote.url}\n    read_recent: true\n    remote_timeout: 500ms\n`;
      const plan = writePlan({ prometheus: await startPrometheus({ 'rule_files:\n': `${remoteRead}rule_files:\n` }) });
      await vi.waitFor(
        async () => expect((await doctor(plan, api)).of('rules')).toEqual([expect.stringMatching(/pass/)]),
        waiting,
      );
      isSlow = true;
      await vi.waitFor(async () => {
        const { code, of } = await doctor(plan, api);
        expect(of('rules')).toContainEqual(
          expect.stringMatching(/^rules fail: .* was evaluated .* ago, at an interval of 1s/),
        );
        expect(code).toBe(1);
      }, waiting);
    });

    it('warns of rules of another release, and names them', async () => {
      const changed = { '[1h] offset 5m': '[2h] offset 5m' };
      const plan = writePlan({ prometheus: await startPrometheus(changed) });
      await vi.waitFor(async () => {
        expect((await doctor(plan, api)).of('rules')).toEqual([
          expect.stringMatching(/^rules warn: rules differ from those of this release: crossfade:legacy_accepted/),
        ]);
      }, waiting);
    });
  });

  it('does not know of an API that hangs, and ends in time', async () => {
    const hanging = await startLoopbackServer(() => {});
    onTestFinished(() => hanging.close());
    const startedMs = performance.now();
    const { of } = await doctor(writePlan({ sidecars: [sidecar.adminUrl] }), hanging.url);
    expect(of('api', 'forged')).toEqual([expect.stringMatching(/^api unknown: .*: no response within 10s/)]);
    expect(performance.now() - startedMs).toBeLessThan(25_000);
  });

  describe.skipIf(missing('nginx'))('with nginx in front', () => {
    async function startGateway(location: string): Promise<string> {
      const port = await loopbackPort();
      const cwd = mkdtempSync(join(folder, 'nginx-'));
      const config = `
        pid ${cwd}/nginx.pid; error_log stderr; daemon off; events {}
        http {
          access_log off;
          client_body_temp_path ${cwd}/body; proxy_temp_path ${cwd}/proxy; fastcgi_temp_path ${cwd}/fastcgi;
          uwsgi_temp_path ${cwd}/uwsgi; scgi_temp_path ${cwd}/scgi;
          server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${sidecar.port}; ${location} } }
        }`;
      writeFileSync(join(cwd, 'nginx.conf'), config);
      const program = await startProgram('nginx', ['-p', cwd, '-c', join(cwd, 'nginx.conf'), '-e', 'stderr'], {
        cwd,
        ready: () => listens(port),
      });
      onTestFinished(() => program.stop());
      return `http://127.0.0.1:${port}/orders`;
    }

    it.each([
      ['that passes all on', '', /^gateway pass: .*: nginx\/[\d.]+( \(\w+\))? passes 401 and challenge on/],
      [
        'that sends a login page in place of 401',
        'proxy_intercept_errors on; error_page 401 =302 https://login.example.com/?state=secret;',
        /^gateway fail: .*: nginx.* the 401 of the API does not arrive \(302\)/,
      ],
      [
        'that takes the challenge away',
        'proxy_hide_header WWW-Authenticate;',
        /^gateway warn: .*: nginx.* the challenge does not arrive/,
      ],
    ])('names a gateway %s', async (_, location, expected) => {
      const { output, of } = await doctor(writePlan({ sidecars: [sidecar.adminUrl] }), await startGateway(location));
      expect(of('gateway')).toEqual([expect.stringMatching(expected)]);
      expect(output).not.toContain('secret');
    });
  });
});
