import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StragglerList } from '@crossfade/core/status';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCertificate } from './fixture/certificate.ts';
import { startHttp2Upstream } from './fixture/http2-upstream.ts';
import {
  keepOpen,
  keepOpenHttp2,
  LONG_KINDS,
  type LongConnection,
  type LongKind,
  openConnection,
} from './fixture/long-connections.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';

const KINDS_THAT_LAST = LONG_KINDS.filter((kind) => !kind.startsWith('unary'));
const CLOSED = { 'accept-legacy': { enabled: false } };
const NONE = { legacy: 0, target: 0, bridge: 0 };
const AUDIENCES = { legacy: LEGACY, target: TARGET, bridge: [LEGACY, TARGET] } as const;
type Audience = keyof typeof AUDIENCES;

/** The ways in which a client's connection reaches the API. */
const LANES = [
  ...BOTH_PATHS.map(([name, settings]) => [name, settings, LONG_KINDS] as const),
  ['to an API over HTTP/2', { upstreamProtocol: 'h2' }, LONG_KINDS.filter((kind) => kind !== 'websocket')],
] as const;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

interface Place {
  readonly testbed: Testbed;
  open(kind: LongKind, audience: Audience, clientId?: string, expiresInSeconds?: number): Promise<LongConnection>;
  counts(): Promise<Readonly<Record<Audience, number>> | undefined>;
  stragglers(): Promise<StragglerList['clients']>;
}

async function start(...[settings, options]: Parameters<typeof startTestbed>): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'connections-'));
  const { cert, key } = createCertificate();
  const [tlsCert, tlsKey] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
  await Promise.all([writeFile(tlsCert, cert), writeFile(tlsKey, key)]);
  const http2 = settings?.upstreamProtocol === 'h2' ? await startHttp2Upstream() : undefined;
  const upstream = http2 && { upstream: http2.url };
  const testbed = await startTestbed({ tlsCert, tlsKey, ...upstream, ...settings }, options);
  const { adminUrl, dataUrl: url } = testbed.sidecar;
  const session: ClientHttp2Session = connect(url, { ca: cert }).on('error', () => {});
  const open = http2 === undefined ? keepOpen(testbed.upstream) : keepOpenHttp2(http2);
  const clients = { url, ca: cert, session, open };
  opened.push({
    async close() {
      session.destroy();
      for (const apiSide of clients.open.values()) apiSide.destroy();
      await Promise.all([testbed.close(), http2?.close()]);
      await rm(directory, { recursive: true });
    },
  });
  return {
    testbed,
    async open(kind, audience, clientId = 'web-app', expiresInSeconds = 3600) {
      const token = await testbed.issuer.mint({ aud: AUDIENCES[audience], clientId, expiresInSeconds });
      return openConnection(kind, token, clients);
    },
    counts: async () => (await testbed.status()).openConnections,
    stragglers: async () => ((await (await fetch(`${adminUrl}/stragglers`)).json()) as StragglerList).clients,
  };
}

const openOf = (clients: StragglerList['clients']) =>
  Object.fromEntries(clients.map(({ clientId, openConnections }) => [clientId, openConnections]));

describe.each(LANES)('%s,', (_name, settings, kinds) => {
  test('connections count by the token that opened them, until they end, however they end', async () => {
    const { open, counts } = await start(settings);
    const connection = fc.record({
      kind: fc.constantFrom(...kinds),
      audience: fc.constantFrom<Audience>('legacy', 'target', 'bridge'),
      end: fc.constantFrom('leave' as const, 'complete' as const, 'breakOff' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(connection, { minLength: 1, maxLength: 8 }), async (plans) => {
        const lasting: Record<Audience, number> = { ...NONE };
        for (const { kind, audience } of plans) if (!kind.startsWith('unary')) lasting[audience] += 1;
        const all = await Promise.all(plans.map(({ kind, audience }) => open(kind, audience)));
        await vi.waitFor(async () => expect(await counts()).toEqual(lasting));
        for (const [index, { end }] of plans.entries()) all[index]?.[end]();
        await Promise.all(all.map(({ over }) => over));
        await vi.waitFor(async () => expect(await counts()).toEqual(NONE));
      }),
      { numRuns: 6 },
    );
  });

  test('a close ends those that it would refuse, with legacyConnections: end', async () => {
    const { testbed, open, counts } = await start({ ...settings, legacyConnections: 'end' });
    const lasting = kinds.filter((kind) => !kind.startsWith('unary'));
    const refused = await Promise.all(lasting.map((kind) => open(kind, 'legacy')));
    await Promise.all(lasting.map((kind) => open(kind, 'target')));
    const kept = { ...NONE, target: lasting.length };
    await vi.waitFor(async () => expect(await counts()).toEqual({ ...kept, legacy: lasting.length }));
    await testbed.setFlags(CLOSED);
    await Promise.all(refused.map(({ over }) => over));
    await vi.waitFor(async () => expect(await counts()).toEqual(kept));
  });
});

describe.each(BOTH_PATHS)('%s,', (_name, settings) => {
  test('the client of a legacy connection stays a straggler while it is open, though its token has expired', async () => {
    let skewMs = 0;
    const now = () => Date.now() + skewMs;
    const { open, counts, stragglers, testbed } = await start(settings, { now });
    const socket = await open('websocket', 'legacy', 'watcher', 60);
    const events = await open('events', 'bridge', 'reader', 60);
    await open('events', 'target', 'migrated');
    await vi.waitFor(async () => expect(await counts()).toEqual({ legacy: 1, target: 1, bridge: 1 }));
    skewMs = 2 * testbed.plan.gate.silenceMs;
    expect(openOf(await stragglers())).toEqual({ watcher: 1, reader: 1 });
    socket.leave();
    events.leave();
    await vi.waitFor(async () => expect(await stragglers()).toEqual([]));
  });

  test('the gauge shows them', async () => {
    const { open, testbed } = await start(settings);
    const metrics = async () => (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text();
    expect(await metrics()).toMatch(/^crossfade_open_connections\{audience="bridge",.*\} 0$/m);
    await open('websocket', 'legacy');
    await open('events', 'legacy');
    await vi.waitFor(async () =>
      expect(await metrics()).toMatch(/^crossfade_open_connections\{audience="legacy",.*\} 2$/m),
    );
  });

  test('a usual response and one that the API refuses open nothing', async () => {
    const { testbed, counts } = await start({ ...settings, tlsCert: undefined, tlsKey: undefined } as object);
    const token = await testbed.issuer.mint({ aud: LEGACY });
    for (const [status, type] of [
      [200, 'application/json'],
      [401, 'text/event-stream'],
      [500, 'application/grpc'],
    ] as const) {
      testbed.upstream.respond = (_request, response) => {
        response.writeHead(status, { 'content-type': type }).write('x');
      };
      const aborting = new AbortController();
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(testbed.sidecar.dataUrl, { headers, signal: aborting.signal });
      expect(response.status).toBe(status);
      expect(await counts()).toEqual(NONE);
      aborting.abort();
    }
  });
});

describe('a close', () => {
  test.each(['observe', 'enforce'] as const)('ends no connection by itself (%s)', async (judge) => {
    const { testbed, open, counts } = await start({ judge });
    for (const kind of KINDS_THAT_LAST) await open(kind, 'legacy');
    await testbed.setFlags(CLOSED);
    await vi.waitFor(async () => expect((await testbed.status()).acceptance).toBe('target'));
    expect(await counts()).toEqual({ ...NONE, legacy: KINDS_THAT_LAST.length });
  });

  test.each(
    (['observe', 'enforce'] as const).flatMap((judge) =>
      BOTH_PATHS.map(([name, path]) => [judge, name, path] as const),
    ),
  )('ends those that it would refuse, with legacyConnections: end (%s, %s)', async (judge, _name, path) => {
    const { testbed, open, counts, stragglers } = await start({ judge, legacyConnections: 'end', ...path });
    const refused = await Promise.all(KINDS_THAT_LAST.map((kind) => open(kind, 'legacy', 'old')));
    await Promise.all(KINDS_THAT_LAST.flatMap((kind) => [open(kind, 'target'), open(kind, 'bridge', 'both')]));
    const kept = { legacy: 0, target: KINDS_THAT_LAST.length, bridge: KINDS_THAT_LAST.length };
    await vi.waitFor(async () => expect(await counts()).toEqual({ ...kept, legacy: KINDS_THAT_LAST.length }));

    await testbed.setFlags(CLOSED);
    await Promise.all(refused.map(({ over }) => over));
    await vi.waitFor(async () => expect(await counts()).toEqual(kept));
    expect(openOf(await stragglers())).toMatchObject({ old: 0, both: KINDS_THAT_LAST.length });
    const resets = refused.map((connection) => connection.resetCode()).filter((code) => code !== undefined);
    expect(new Set(resets)).toEqual(new Set([8]));

    await testbed.setFlags({});
    await vi.waitFor(async () => expect((await testbed.status()).acceptance).not.toBe('target'));
    await Promise.all(KINDS_THAT_LAST.map((kind) => open(kind, 'legacy')));
    await vi.waitFor(async () => expect((await counts())?.legacy).toBe(KINDS_THAT_LAST.length));
  });

  test('ends what an API opens for a legacy token afterwards, too', async () => {
    const { testbed, open, counts } = await start({ legacyConnections: 'end' }, { flags: CLOSED });
    for (const kind of KINDS_THAT_LAST) await (await open(kind, 'legacy')).over;
    await vi.waitFor(async () => expect(await counts()).toEqual(NONE));
    // Of gRPC it ends before the API says in its trailers that it took the token.
    expect((await testbed.status()).disagreements.reasons).toEqual({ legacy_closed: 3 });
  });
});

test('a sidecar that forwards nothing does not say what is open', async () => {
  const testbed = await startTestbed({ mode: 'forward-auth' });
  opened.push(testbed);
  expect(await testbed.status()).not.toHaveProperty('openConnections');
  expect(await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text()).not.toContain('crossfade_open_connections');
});

test('a connection on a public path is none of a token', async () => {
  const { open, counts, testbed } = await start({ publicPaths: ['/events', '/socket'] });
  await open('websocket', 'legacy');
  await open('events', 'legacy');
  await vi.waitFor(async () => expect((await testbed.status()).audiences.legacy.accepted).toBe(2));
  expect(await counts()).toEqual(NONE);
});
