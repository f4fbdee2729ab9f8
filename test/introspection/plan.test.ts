import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect as inspectValue } from 'node:util';
import { run } from '@crossfade/cli';
import { ConfigError } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  LEGACY,
  type OpaqueProvider,
  startOpaqueProvider,
  TARGET,
} from '../../packages/validator/test/opaque-provider.ts';

let provider: OpaqueProvider;
let api: Server;
let folder: string;
const sidecars: Sidecar[] = [];
/** All that a sidecar logged. */
const logged: unknown[] = [];
const logger = {
  info: (...entry: unknown[]) => void logged.push(entry),
  warn: (...entry: unknown[]) => void logged.push(entry),
};

beforeAll(async () => {
  provider = await startOpaqueProvider();
  api = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  folder = await mkdtemp(join(tmpdir(), 'crossfade-opaque-'));
  await writeFile(join(folder, 'flags.json'), '{}');
});
afterAll(async () => {
  await Promise.all(sidecars.map((sidecar) => sidecar.close()));
  await new Promise((resolve) => api.close(resolve));
  await Promise.all([provider.close(), rm(folder, { recursive: true })]);
});

function planText(sidecar: Readonly<Record<string, unknown>> = {}): string {
  const side = { issuer: provider.issuer };
  const introspection = {
    clientId: provider.api.clientId,
    clientSecretEnv: 'ORDERS_API_SECRET',
    maxAgeSeconds: 0,
  };
  const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  return JSON.stringify({
    version: 1,
    migration: 'orders-2026',
    legacy: { ...side, audience: LEGACY, introspection },
    target: { ...side, audience: TARGET },
    flags: { source: 'file', path: join(folder, 'flags.json') },
    sidecar: { service: 'orders-api', listen: '127.0.0.1:0', admin: '127.0.0.1:0', upstream, ...sidecar },
  });
}

async function start(
  settings: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = { ORDERS_API_SECRET: provider.api.clientSecret },
): Promise<(token: string) => Promise<number>> {
  const plan = parsePlanText(planText(settings), {});
  const sidecar = await startSidecar(plan, { logger, environment });
  sidecars.push(sidecar);
  return async (token) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${sidecar.dataUrl}/orders`, { headers })).status;
  };
}

/** What `crossfade inspect` says of a token, by the same plan. */
async function inspect(
  token: string,
  env: Readonly<Record<string, string>> = { ORDERS_API_SECRET: provider.api.clientSecret },
): Promise<Record<string, unknown> & { output: string }> {
  let [stdout, stderr] = ['', ''];
  await writeFile(join(folder, 'crossfade.yaml'), planText());
  await run(['inspect', token, '--json'], {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env,
    cwd: folder,
  });
  return { ...(JSON.parse(stdout) as object), output: stdout + stderr };
}

describe('a plan with introspection', () => {
  it('gives an opaque token the same verdict in enforce, forward-auth and inspect, before and after its revocation', async () => {
    const ways = await Promise.all([start({ judge: 'enforce' }), start({ mode: 'forward-auth' })]);
    const [opaque, jwt] = [await provider.accessToken(LEGACY), await provider.accessToken(TARGET)];
    const statuses = (token: string) => Promise.all(ways.map((send) => send(token)));
    expect(opaque.split('.')).toHaveLength(1);

    expect(await statuses(opaque)).toEqual([200, 200]);
    expect(await inspect(opaque)).toMatchObject({ outcome: 'accepted', audience: 'legacy', afterClose: 'rejected' });
    expect(await statuses(jwt)).toEqual([200, 200]);
    expect(await inspect(jwt)).toMatchObject({ outcome: 'accepted', audience: 'target' });

    await provider.revoke(opaque);
    expect(await statuses(opaque)).toEqual([401, 401]);
    expect(await inspect(opaque)).toMatchObject({ outcome: 'rejected', reason: 'inactive' });
  });

  it.each([
    ['not set', {}],
    ['empty', { ORDERS_API_SECRET: '' }],
  ])('ends the start where the secret is %s, and names the variable', async (problem, environment) => {
    const failure: unknown = await start({ judge: 'enforce' }, environment).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure).toHaveProperty(
      'problems.0.message',
      expect.stringContaining(`names the environment variable ORDERS_API_SECRET, which is ${problem}`),
    );
    expect(await inspect('opaque', environment)).toMatchObject({ exitCode: 2 });
  });

  it('is an outage with a wrong secret, and prints no secret anywhere', async () => {
    const environment = { ORDERS_API_SECRET: 'a-wrong-secret-value' };
    const send = await start({ judge: 'enforce' }, environment);
    const opaque = await provider.accessToken(LEGACY);

    expect(await send(opaque)).toBe(503);
    const { output, ...verdict } = await inspect(opaque, environment);
    expect(verdict).toMatchObject({ exitCode: 3 });
    const printed = output + inspectValue(logged, { depth: 9 });
    for (const secret of [environment.ORDERS_API_SECRET, provider.api.clientSecret, opaque]) {
      expect(printed).not.toContain(secret);
    }
  });
});
