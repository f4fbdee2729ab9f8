import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { parseFlagDocument } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { startSidecar } from '@crossfade/sidecar';
import { exportJWK, generateKeyPair } from 'jose';
import { expect, it, onTestFinished, vi } from 'vitest';

/** An issuer that publishes a real key, on a port of its own. */
async function createIssuer() {
  const jwk = { ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid: 'key', alg: 'ES256' };
  let server: Server;
  let port = 0;
  const issuer = {
    url: '',
    async start() {
      server = createServer((request, response) => {
        const body = request.url === '/jwks' ? { keys: [jwk] } : { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(body));
      });
      await once(server.listen(port, '127.0.0.1'), 'listening');
      ({ port } = server.address() as AddressInfo);
      issuer.url = `http://127.0.0.1:${port}`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await issuer.start();
  onTestFinished(() => issuer.stop());
  return issuer;
}

/** A fleet of one sidecar, whose two sides have issuers of their own. */
async function startFleet(settings: object, flags: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-keys-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const flagsPath = join(folder, 'flags.json');
  await writeFile(flagsPath, JSON.stringify(flags));
  const [legacy, target] = [await createIssuer(), await createIssuer()];
  const plan = {
    version: 1,
    clients: [],
    migration: 'orders-2026',
    legacy: { issuer: legacy.url, audience: 'default-api' },
    target: { issuer: target.url, audience: 'https://api.example.com/orders' },
    flags: { source: 'file', path: flagsPath },
  };
  const start = async () => {
    const own = { service: 'orders-api', listen: '127.0.0.1:0', admin: '127.0.0.1:0', ...settings };
    const sidecar = await startSidecar(parsePlanText(JSON.stringify({ ...plan, sidecar: own })));
    onTestFinished(() => sidecar.close());
    await writeFile(
      join(folder, 'crossfade.yaml'),
      JSON.stringify({ ...plan, gate: { sidecars: [sidecar.adminUrl] } }),
    );
    return (path: string) => fetch(`${sidecar.adminUrl}${path}`).then((response) => response.text());
  };
  const crossfade = async (...argv: string[]) => {
    let output = '';
    const stream = { write: (text: string) => (output += text) };
    const exitCode = await run(argv, { stdout: stream, stderr: stream, env: {}, cwd: folder });
    return { exitCode, output };
  };
  const percent = async () => {
    const result = parseFlagDocument(await readFile(flagsPath, 'utf8'));
    return result.ok ? result.document.issuance.percent : result;
  };
  return { legacy, target, start, crossfade, percent };
}

const ENFORCING = [
  ['an enforcing proxy', { judge: 'enforce', upstream: 'http://127.0.0.1:9' }],
  ['a forward-auth sidecar', { mode: 'forward-auth' }],
] as const;

it.each(ENFORCING)(
  'advance refuses while %s never had the keys of target, and goes on once it has them',
  {
    timeout: 30_000,
  },
  async (_name, settings) => {
    const { target, start, crossfade, percent } = await startFleet(settings);
    await target.stop();
    const read = await start();
    await vi.waitFor(async () =>
      expect(await read('/readyz')).toMatch(/^not ready: no keys of target yet .*ECONNREFUSED/),
    );
    expect(JSON.parse(await read('/status'))).toMatchObject({ shown: { legacy: true, target: null } });
    const metrics = await read('/metrics');
    expect(metrics).toMatch(/^crossfade_accepts\{[^}]*audience="legacy"[^}]*\} 1$/m);
    expect(metrics).not.toMatch(/^crossfade_accepts\{[^}]*audience="target"/m);

    const refused = await crossfade('advance', '--to', '5', '--yes');
    expect(refused.output).toMatch(/refused +fleet_accepts_target: 0 of 1 .*no keys of target yet.*ECONNREFUSED/);
    expect(refused.exitCode).toBe(1);
    expect(await percent()).toBe(0);
    expect((await crossfade('doctor')).output).toMatch(/fail +meter.*no keys of target yet/);

    await target.start();
    await vi.waitFor(async () => expect(await read('/readyz')).toBe('ready\n'), { timeout: 15_000, interval: 100 });
    const advanced = await crossfade('advance', '--to', '5', '--yes');
    expect(advanced).toMatchObject({ exitCode: 0 });
    expect(await percent()).toBe(5);
    // Keys that were there once are enough: an outage of the issuer now changes nothing.
    await target.stop();
    expect(JSON.parse(await read('/status'))).toMatchObject({ shown: { legacy: true, target: true } });
    await target.start();
  },
);

it('a rollback after a reopening does not wait for a sidecar that never had the keys of legacy', {
  timeout: 30_000,
}, async () => {
  const { legacy, start, crossfade, percent } = await startFleet(ENFORCING[0][1], {
    'issue-target': { enabled: true, percent: 100 },
    'accept-legacy': { enabled: false },
  });
  await legacy.stop();
  const read = await start();
  await vi.waitFor(async () =>
    expect(await read('/readyz')).toMatch(/^not ready: no keys of legacy yet .*ECONNREFUSED/),
  );
  expect(await crossfade('rollback')).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining('reopening it first'),
  });
  expect(await percent()).toBe(0);
  expect(JSON.parse(await read('/status'))).toMatchObject({ shown: { legacy: null, target: true } });
  await legacy.start();
});
