import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator, type SeededDeployment } from '@crossfade/appconfig-emulator';
import { type FlagDocument, type FlagSource, parseFlagDocument } from '@crossfade/core';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import { createAppConfigWriter } from '@crossfade/flags/appconfig-writer';
import { createFileSource } from '@crossfade/flags/file';

export const LOCATION = { application: 'orders', environment: 'production', profile: 'crossfade' };
const DAY_MS = 86_400_000;
const isoAgo = (ms: number) => new Date(Date.now() - ms).toISOString();

/** Where a migration stands before the verb runs. */
export type Position = 'migrating' | 'drained' | 'closed';

type Switches = Readonly<Record<'issue-target' | 'accept-legacy', Readonly<Record<string, unknown>>>>;

function switchesAt(position: Position): Switches {
  const since = isoAgo(60 * DAY_MS);
  const percent = position === 'migrating' ? 25 : 100;
  return {
    'issue-target': { enabled: true, percent, revision: '7', since },
    'accept-legacy': position === 'closed' ? { enabled: false, since: isoAgo(3_600_000) } : { enabled: true },
  };
}

function hostedContent(values: Switches): string {
  const text = { constraints: { type: 'string' } };
  const attributes = { percent: { constraints: { type: 'number' } }, revision: text, since: text };
  const flags = {
    'issue-target': { name: 'issue-target', attributes },
    'accept-legacy': { name: 'accept-legacy', attributes: { since: text } },
  };
  return JSON.stringify({ version: '1', flags, values });
}

/** A sidecar over HTTP as the CLI reads it: what it says of its API, with the flags that it holds now. */
export interface Sidecar {
  /** As the plan names it. */
  url: string;
  /** Replaces fields of `/status`. */
  status: Record<string, unknown>;
  /** Takes the place of its server: to hang, to be slow. */
  instead: RequestListener | undefined;
  /** What its server does otherwise. */
  readonly answer: RequestListener;
  /** Holds these flags for ever, instead of those of the store. */
  holds: { readonly revision: string; readonly hash: string; readonly source: string | undefined } | undefined;
}

/** AWS AppConfig, emulated, with a front in which requests can be refused or noticed. */
export interface AppConfig {
  readonly emulator: Emulator;
  readonly seeded: SeededDeployment;
  readonly content: (values: Record<string, unknown>) => string;
  /** The address without the front. */
  readonly endpoint: string;
  /** Runs before each request of the control plane. A returned text is the AWS error that it gets. */
  notice: ((method: string, path: string) => string | undefined) | undefined;
}

/** One migration that an operator works on: a plan, a flag store, an issuer, and two API instances with their sidecars. */
export interface Site {
  readonly folder: string;
  readonly flagsPath: string;
  readonly sidecars: readonly [Sidecar, Sidecar];
  /** Absent where the store is a file. */
  readonly appConfig: AppConfig | undefined;
  readonly plan: Record<string, unknown> & { readonly flags: Record<string, unknown> };
  /** Changes the plan file. */
  writePlan(change: Readonly<Record<string, unknown>>): Promise<void>;
  /** The flags as they stand in the store, by whatever name a fault gave it. */
  storedFlags(): Promise<FlagDocument | undefined>;
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly store: 'file' | 'appconfig';
  readonly position: Position;
  readonly issuer: string;
}

export async function openSite({ store, position, issuer }: SiteOptions): Promise<Site> {
  const undo: (() => unknown)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-faults-'));
  // A write that has timed out may still leave a file.
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const flagsPath = join(folder, 'flags.json');
  const switches = switchesAt(position);
  const appConfig = store === 'appconfig' ? await openAppConfig(switches, undo) : undefined;
  if (appConfig === undefined) await writeFile(flagsPath, JSON.stringify(switches));
  const flags =
    appConfig === undefined
      ? { source: 'file', path: './flags.json' }
      : { source: 'appconfig', ...LOCATION, endpoint: appConfig.front, region: 'local' };
  const source =
    appConfig === undefined
      ? createFileSource({ path: flagsPath, intervalMs: 50 })
      : createAppConfigSource({ ...LOCATION, endpoint: appConfig.endpoint });
  undo.push(() => source.close());
  const sidecars = [await startSidecar(source, position, undo), await startSidecar(source, position, undo)] as const;
  const plan = {
    version: 1,
    migration: 'orders-2026',
    clockTolerance: '5s',
    clients: ['web-app'],
    legacy: { issuer, audience: 'default-api', tokenLifetime: '1h', sessionLifetime: '30d' },
    target: { issuer, audience: 'https://api.example.com/orders' },
    flags,
    gate: { sidecars: sidecars.map(({ url }) => url), soak: '0s' },
  };
  const writePlan = (change: object) =>
    writeFile(join(folder, 'crossfade.yaml'), JSON.stringify({ ...plan, ...change }));
  await writePlan({});
  return {
    folder,
    flagsPath,
    sidecars,
    appConfig,
    plan,
    writePlan,
    storedFlags: () => readStored(flagsPath, appConfig),
    async close() {
      for (const step of undo.reverse()) await step();
    },
  };
}

async function readStored(path: string, appConfig: AppConfig | undefined): Promise<FlagDocument | undefined> {
  const text =
    appConfig === undefined
      ? await readFile(path, 'utf8').catch(() => '')
      : (await createAppConfigWriter({ ...LOCATION, endpoint: appConfig.endpoint }).read()).text;
  const parsed = parseFlagDocument(text);
  return parsed.ok ? parsed.document : undefined;
}

async function openAppConfig(switches: Switches, undo: (() => unknown)[]): Promise<AppConfig & { front: string }> {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url: endpoint } = await emulator.listen();
  undo.push(() => emulator.close());
  const seeded = emulator.seed({ ...LOCATION, content: hostedContent(switches) });
  const appConfig: AppConfig & { front: string } = {
    emulator,
    seeded,
    endpoint,
    front: '',
    content: (values) => hostedContent({ ...switches, ...values } as Switches),
    notice: undefined,
  };
  appConfig.front = await serve(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const refusal = appConfig.notice?.(method, url);
    if (refusal !== undefined) {
      response.writeHead(403, { 'content-type': 'application/json', 'x-amzn-errortype': refusal });
      return void response.end('{"message":"not for you"}');
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      const { host: _host, 'transfer-encoding': _coding, connection: _connection, ...kept } = headers;
      const upstream = await fetch(`${endpoint}${url}`, {
        method,
        headers: kept as Record<string, string>,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const body = Buffer.from(await upstream.arrayBuffer());
      response.writeHead(upstream.status, Object.fromEntries(upstream.headers)).end(body);
    } catch {
      response.destroy();
    }
  }, undo);
  return appConfig;
}

const NEVER = { lastSeenAt: null, latestIssuedAt: null, latestExpiryAt: null };

async function startSidecar(source: FlagSource, position: Position, undo: (() => unknown)[]): Promise<Sidecar> {
  const gone = isoAgo(40 * DAY_MS);
  const seen = { lastSeenAt: isoAgo(1000), latestIssuedAt: null, latestExpiryAt: null };
  const told: Record<string, unknown> = {
    migration: 'orders-2026',
    service: 'orders-api',
    phase: position,
    validUnauthorized: 0,
    lastValidUnauthorizedAt: null,
    apiResponses: {
      legacy: { acceptedAt: null, unauthorizedAt: null },
      target: { acceptedAt: isoAgo(1000), unauthorizedAt: null },
    },
    disagreements: { reasons: {}, lastVerifiedAt: null, lastUnverifiedAt: null },
    audiences: {
      legacy: position === 'migrating' ? NEVER : { lastSeenAt: gone, latestIssuedAt: gone, latestExpiryAt: gone },
      target: { accepted: 12, rejected: 0, ...seen },
    },
    startedAt: isoAgo(60 * DAY_MS),
    process: randomUUID(),
    version: '0.0.0',
  };
  const answer: RequestListener = (request, response) => {
    const { document, revision, hash, source: name, ageSeconds, stale } = source.snapshot();
    const held = sidecar.holds ?? { revision, hash, source: name };
    const bodies: Readonly<Record<string, object>> = {
      '/status': {
        ...told,
        issuance: { percent: sidecar.holds === undefined ? document.issuance.percent : 25, enabled: true },
        acceptance: document.acceptance,
        shown: { legacy: document.acceptance === 'both', target: true },
        flags: { ageSeconds, stale, ...held },
        ...sidecar.status,
      },
      '/stragglers': { clients: [], truncated: false },
      '/census': { rows: [], truncated: false },
    };
    const body = bodies[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  };
  const { url, stop } = await serveStoppable((request, response) => (sidecar.instead ?? answer)(request, response));
  undo.push(stop);
  const sidecar: Sidecar = { url, status: {}, instead: undefined, answer, holds: undefined };
  return sidecar;
}

/** Starts a loopback server. Returns its URL. */
export async function serve(listener: RequestListener, undo: (() => unknown)[]): Promise<string> {
  const { url, stop } = await serveStoppable(listener);
  undo.push(stop);
  return url;
}

/** A URL on which nothing listens: ports below 1024 are given to no program of these tests, as one that is set free would be. */
export function closedPort(index: number): string {
  return `http://127.0.0.1:${index + 2}`;
}

async function serveStoppable(listener: RequestListener): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** An issuer whose metadata and keys doctor reads. */
export async function startIssuer(undo: (() => unknown)[]): Promise<string> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  const url: string = await serve((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/keys') return void response.end(JSON.stringify({ keys: [jwk] }));
    if (request.url !== '/.well-known/openid-configuration') return void response.writeHead(404).end('{}');
    response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
  }, undo);
  return url;
}
