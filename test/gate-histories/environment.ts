import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExitCode, run } from '@crossfade/cli';
import { drainWindowMs, parsePlan } from '@crossfade/core';
import { startSidecar } from '@crossfade/sidecar';
import { expect, onTestFinished } from 'vitest';
import { createMint, ISSUER, LEGACY, type Mint, TARGET } from './tokens.ts';

const START_MS = Date.parse('2026-03-01T00:00:00Z');

function issuanceAt(percent: number): object {
  return { 'issue-target': { enabled: true, percent, since: new Date(START_MS).toISOString() } };
}

/** How an API responds to every request, whatever the token. */
export type ApiBehaviour =
  | 'takes'
  | 'refuses'
  | 'takes over gRPC'
  | 'refuses over gRPC'
  | 'redirects'
  | 'fails'
  | 'refuses the third';

/** Two observing sidecars in front of an API, with a clock that the test moves. */
export interface GateEnvironment {
  readonly mint: Mint;
  /** The silent window of the gate. */
  readonly windowMs: number;
  nowMs(): number;
  /** Moves the clock. */
  sleepUntil(timeMs: number): void;
  /** Sends a request through a sidecar and waits until its meter has counted it. */
  send(token: string, instance: number, path?: string): Promise<void>;
  /** Runs `crossfade gate`. */
  gate(): Promise<{ readonly exitCode: ExitCode; readonly checks: readonly Check[] }>;
  /** Runs a verb that prints JSON. */
  crossfade(argv: readonly string[]): Promise<{ readonly exitCode: ExitCode; readonly json: Record<string, unknown> }>;
  /** Opens or closes the legacy audience in the flags and waits until every sidecar shows it. */
  acceptLegacy(isAccepted: boolean): Promise<void>;
}

interface Check {
  readonly name: string;
  readonly verdict: string;
  readonly detail: string;
}

export interface EnvironmentOptions {
  readonly api?: ApiBehaviour;
  readonly judge?: 'observe' | 'enforce';
  /** The share of logins that ask for the target audience; default 100. */
  readonly percent?: number;
  readonly acknowledged?: readonly string[];
  readonly publicPaths?: readonly string[];
}

export async function createEnvironment({
  api = 'takes',
  judge = 'observe',
  percent = 100,
  acknowledged,
  publicPaths,
}: EnvironmentOptions = {}): Promise<GateEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-gate-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const flagsPath = join(folder, 'flags.json');
  await writeFile(flagsPath, JSON.stringify(issuanceAt(percent)));
  const mint = await createMint();
  const side = { issuer: ISSUER, keys: mint.keys };
  const plan = {
    version: 1,
    migration: 'orders-2026',
    legacy: {
      ...side,
      audience: LEGACY,
      tokenLifetime: '1h',
      sessionLifetime: '0s',
      foreignAudiences: 'refuse',
      allowedClients: ['web-app'],
    },
    target: { ...side, audience: TARGET, tokenLifetime: '15m', requiredScope: ['orders:read'] },
    clients: ['web-app'],
    maxTokenBytes: 2000,
    flags: { source: 'file', path: flagsPath },
    gate: { silence: '2h', ...(acknowledged && { acknowledged }) },
    sidecar: {
      service: 'orders-api',
      mode: 'proxy',
      judge,
      listen: '127.0.0.1:0',
      admin: '127.0.0.1:0',
      upstream: await startApi(api),
      ...(publicPaths && { publicPaths }),
    },
  };
  let nowMs = START_MS;
  const now = () => nowMs;
  const sidecars = await Promise.all([1, 2].map(() => startSidecar(parsePlan(plan), { now })));
  onTestFinished(async () => {
    await Promise.all(sidecars.map((sidecar) => sidecar.close()));
  });
  const { sidecar, ...watched } = plan;
  const gate = { ...plan.gate, sidecars: sidecars.map(({ adminUrl }) => adminUrl) };
  await writeFile(join(folder, 'crossfade.yaml'), JSON.stringify({ ...watched, gate }));
  const statusOf = async (instance: number): Promise<Status> =>
    (await fetch(`${sidecars[instance]?.adminUrl}/status`)).json() as Promise<Status>;
  const crossfade: GateEnvironment['crossfade'] = async (argv) => {
    let stdout = '';
    const io = { stdout: { write: (text: string) => (stdout += text) }, stderr: process.stderr };
    const exitCode = await run(argv, { ...io, env: {}, cwd: folder, now });
    return { exitCode, json: JSON.parse(stdout) as Record<string, unknown> };
  };

  return {
    mint,
    windowMs: drainWindowMs(parsePlan(plan)),
    nowMs: now,
    sleepUntil(timeMs) {
      nowMs = timeMs;
    },
    async send(token, instance, path = '/') {
      const before = requestsOf(await statusOf(instance));
      const response = await fetch(`${sidecars[instance]?.dataUrl}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'manual',
      });
      await response.arrayBuffer();
      await expect.poll(async () => requestsOf(await statusOf(instance)), { interval: 2 }).toBe(before + 1);
    },
    crossfade,
    async gate() {
      const { exitCode, json } = await crossfade(['gate', '--json']);
      return { exitCode, checks: json['checks'] as Check[] };
    },
    async acceptLegacy(isAccepted) {
      const revision = String(nowMs);
      const position = { 'accept-legacy': { enabled: isAccepted, since: new Date(nowMs).toISOString(), revision } };
      await writeFile(flagsPath, JSON.stringify({ ...issuanceAt(percent), ...position }));
      const shown = () => Promise.all(sidecars.map(async (_, index) => (await statusOf(index)).acceptance));
      const acceptance = isAccepted ? 'both' : 'target';
      await expect.poll(shown, { timeout: 10_000 }).toEqual([acceptance, acceptance]);
    },
  };
}

interface Status {
  readonly acceptance: string;
  readonly audiences: Readonly<Record<string, { readonly accepted: number; readonly rejected: number }>>;
}

function requestsOf({ audiences }: Status): number {
  return Object.values(audiences).reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0);
}

async function startApi(behaviour: ApiBehaviour): Promise<string> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    switch (behaviour) {
      case 'takes':
        return response.writeHead(200).end('ok');
      case 'refuses the third':
        return response.writeHead(requests === 3 ? 401 : 200).end();
      case 'refuses':
        return response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      case 'takes over gRPC':
        return response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '0' }).end();
      case 'refuses over gRPC':
        return response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '16' }).end();
      case 'redirects':
        return response.writeHead(302, { location: 'https://login.example.com' }).end();
      case 'fails':
        return response.writeHead(503).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
