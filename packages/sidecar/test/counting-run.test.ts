import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ChildSidecar, spawnSidecar } from './fixture/child.ts';
import { type CountingUpstream, startCountingUpstream } from './fixture/counting-upstream.ts';
import { type Issuer, startIssuer } from './fixture/issuer.ts';
import { LEGACY, readStatus, TARGET } from './fixture/testbed.ts';
import { createDice, pipeline, sendUnusual, UNUSUAL_REQUESTS } from './fixture/traffic.ts';

/** `CROSSFADE_COUNTED_REQUESTS=1000000` for the full run: minutes. */
const REQUESTS = Number(process.env['CROSSFADE_COUNTED_REQUESTS'] ?? 3_000);
const CONNECTIONS = 16;
const DEPTH = 8;
/** One of so many requests is unusual: aborted, broken off, upgraded, reset. */
const UNUSUAL_IN = Math.max(30, REQUESTS / 10_000);

/** As in production: most tokens are known and good. */
const OFTEN: ReadonlySet<string> = new Set(['legacy', 'target', 'bridge', 'none']);

let directory: string;
let issuer: Issuer;
let upstream: CountingUpstream;
let sidecar: ChildSidecar;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counting-'));
  [issuer, upstream] = await Promise.all([startIssuer(), startCountingUpstream()]);
});
afterAll(async () => {
  sidecar.kill('SIGKILL');
  await Promise.all([issuer.close(), upstream.close(), rm(directory, { recursive: true })]);
});

/** Forges a new token at every call: other claims with the same signature, or the same claims with another one. */
function createForger(genuine: string): () => string {
  const [head = '', payload = '', signature = ''] = genuine.split('.');
  let made = 0;
  return () => {
    made += 1;
    const mark = made.toString(36).padStart(6, '0');
    if (made % 2 === 0) return `${head}.${payload}.${mark}${signature.slice(mark.length)}`;
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), jti: mark };
    return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  };
}

async function sendAll(count: number, kinds: Readonly<Record<string, () => string>>) {
  const port = Number(new URL(sidecar.dataUrl).port);
  const names = Object.keys(kinds).flatMap((name) => Array.from({ length: OFTEN.has(name) ? 4 : 1 }, () => name));
  const dice = createDice(42);
  const head = () => {
    const kind = names[dice(names.length)] ?? '';
    const token = kinds[kind]?.() ?? '';
    return `Host: api\r\nx-kind: ${kind}\r\n${token === '' ? '' : `Authorization: Bearer ${token}\r\n`}`;
  };
  let regular = count - Math.floor(count / UNUSUAL_IN);
  let unusual = count - regular;
  const next = () => {
    regular -= 1;
    return regular < 0 ? undefined : head();
  };
  const sendUnusuals = async () => {
    while (unusual > 0) {
      unusual -= 1;
      await sendUnusual(port, dice(UNUSUAL_REQUESTS), head());
    }
  };
  await Promise.all([
    ...Array.from({ length: CONNECTIONS }, (_, n) => pipeline(port, next, n % 2 === 0 ? 1 : DEPTH)),
    ...Array.from({ length: CONNECTIONS }, sendUnusuals),
  ]);
}

test('counts each request that the API saw once, by its token, and logs the final counts', async () => {
  sidecar = await spawnSidecar(directory, issuer.url, { upstream: upstream.url });
  const mint = async (claims: Parameters<Issuer['mint']>[0]) => {
    const token = await issuer.mint(claims);
    return () => token;
  };
  const kinds = {
    legacy: await mint({ aud: LEGACY }),
    target: await mint({ aud: TARGET }),
    bridge: await mint({ aud: [LEGACY, TARGET] }),
    foreign: await mint({ aud: 'other' }),
    expired: await mint({ aud: LEGACY, expiresInSeconds: -60 }),
    invalid: createForger(await issuer.mint({ aud: LEGACY })),
    opaque: () => 'b3BhcXVl',
    none: () => '',
  };
  const startMs = performance.now();
  await sendAll(REQUESTS, kinds);
  const counted = ({ audiences }: Awaited<ReturnType<ChildSidecar['finalStatus']>>) => ({
    legacy: audiences.legacy.accepted,
    target: audiences.target.accepted,
    bridge: audiences.bridge.accepted,
    foreign: audiences.foreign.rejected,
    expired: audiences.legacy.rejected,
    invalid: audiences.invalid.rejected,
    opaque: audiences.opaque.rejected,
    none: audiences.none.rejected,
  });
  await vi.waitFor(async () => expect(counted(await readStatus(sidecar))).toEqual(upstream.seen()), { timeout: 5_000 });
  const seen = upstream.seen();
  sidecar.kill('SIGTERM');
  const final = await sidecar.finalStatus();
  expect(counted(final)).toEqual(seen);
  expect(final).toMatchObject({ validUnauthorized: 0, unavailable: 0 });
  const total = Object.values(seen).reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThan(REQUESTS * 0.9);
  process.stdout.write(`counted ${total} of ${REQUESTS} sent in ${Math.round(performance.now() - startMs)} ms\n`);
}, 3_600_000);

test('counts forged legacy tokens as invalid only', async () => {
  sidecar = await spawnSidecar(directory, issuer.url, { upstream: upstream.url });
  upstream.forget();
  const tampered = createForger(await issuer.mint({ aud: LEGACY }));
  const stolen = await issuer.forge({ aud: LEGACY });
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${stolen.split('.')[1]}.`;
  await sendAll(REQUESTS, { tampered, stolen: () => stolen, unsigned: () => unsigned });
  sidecar.kill('SIGTERM');
  const { audiences, unavailable } = await sidecar.finalStatus();
  for (const audience of ['legacy', 'target', 'bridge'] as const) {
    expect(audiences[audience]).toMatchObject({ accepted: 0, rejected: 0, lastSeenAt: null });
  }
  const seen = Object.values(upstream.seen()).reduce((sum, count) => sum + count, 0);
  expect(audiences.invalid.rejected).toBe(seen);
  expect(unavailable).toBe(0);
  process.stdout.write(`forged: ${seen} seen, ${audiences.invalid.rejected} counted as invalid\n`);
}, 3_600_000);
