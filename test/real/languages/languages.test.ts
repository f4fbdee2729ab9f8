import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FlagSnapshot, parseFlagDocument } from '@crossfade/core';
import { createFeatureAccess } from '@crossfade/flags';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { startRecordingApi } from '../fixture/recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';
import { buildApp, LANGUAGES } from './fixture/apps.ts';
import { LEGACY, ROWS, startTokenIssuer, TARGET, type TokenIssuer, type TokenRow } from './fixture/token-table.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/languages/README.md'), 'utf8');
const KEYLESS = 'of the target, while no keys can be had';
type Statuses = Readonly<Record<TokenRow, number>>;

/** The column of the page's table under a name. */
function column(name: string): Readonly<Record<string, number>> {
  const [head = [], ...rows] = [...page.matchAll(/^\| (.+) \|$/gm)]
    .map(([, cells = '']) => cells.split(' | '))
    .filter((cells) => cells.length === LANGUAGES.length + 2);
  const index = head.indexOf(name);
  return Object.fromEntries(rows.map((cells) => [cells[0], Number(cells[index])]));
}

/** Flags as a store holds them, and the roles of a user: `undefined` for a token without roles. */
const FEATURES: readonly (readonly [flags: string, roles?: readonly string[]])[] = [
  ['{}', ['beta-tester']],
  ['{ "new-dashboard-beta": { "enabled": true } }', ['beta-tester', 'other']],
  ['{ "new-dashboard-beta": { "enabled": true } }', ['other']],
  ['{ "new-dashboard-beta": { "enabled": true } }'],
  ['{ "new-dashboard-beta": { "enabled": false } }', ['beta-tester']],
  ['{ "new-dashboard-public": { "enabled": true } }'],
  ['{ "new-dashboard-public": { "enabled": "yes" } }', ['beta-tester']],
  ['not JSON', ['beta-tester']],
];

/** What `@crossfade/flags` says of the same document. */
function hasAccess(flags: string, roles: readonly string[] = []): boolean {
  const parsed = parseFlagDocument(flags);
  if (!parsed.ok) return false;
  const snapshot = () => ({ document: parsed.document }) as FlagSnapshot;
  return createFeatureAccess({ flags: { snapshot } }).hasAccess({
    roles,
    role: 'beta-tester',
    feature: 'new-dashboard',
  });
}

let issuer: TokenIssuer;
/** Stands for an AppConfig Agent: it responds with the flags. */
let agent: LoopbackServer;
let flags = '{}';
beforeAll(async () => {
  issuer = await startTokenIssuer();
  agent = await startLoopbackServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(flags);
  });
});
afterAll(async () => {
  await issuer?.close();
  await agent?.close();
});

async function send(url: string, token: string | undefined): Promise<number> {
  return (await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })).status;
}

async function ask(origin: string, row: TokenRow): Promise<number> {
  return send(`${origin}/orders`, await issuer.mint(row));
}

async function askAll(origin: string): Promise<Statuses> {
  const statuses = [];
  for (const row of ROWS) statuses.push([row, await ask(origin, row)]);
  return Object.fromEntries(statuses) as Statuses;
}

async function startInFront(upstream: string, of = issuer): Promise<SidecarProgram> {
  return startSidecarProgram({
    issuer: of.url,
    mode: 'proxy',
    upstream,
    target: { requiredScope: ['orders:read'] },
    plan: { clockTolerance: '5s' },
    sidecar: { judge: 'enforce' },
  });
}

/** What something answers to a token with a new key while its issuer is down. */
async function askWithoutKeys(start: (of: TokenIssuer) => Promise<{ readonly url: string; stop(): Promise<void> }>) {
  const lost = await startTokenIssuer();
  const started = await start(lost);
  try {
    await lost.close();
    return await send(`${started.url}/orders`, await lost.mintWithNewKey());
  } finally {
    await started.stop();
  }
}

describe('the table of tokens', () => {
  it('has what a sidecar says that enforces', async () => {
    const api = await startRecordingApi();
    const upstream = `http://127.0.0.1:${api.port}`;
    const start = async (of: TokenIssuer) => {
      const sidecar = await startInFront(upstream, of);
      return { url: `http://127.0.0.1:${sidecar.port}`, stop: () => sidecar.remove() };
    };
    const { url, stop } = await start(issuer);
    try {
      expect({ ...(await askAll(url)), [KEYLESS]: await askWithoutKeys(start) }).toEqual(column('Crossfade'));
    } finally {
      await stop();
      await api.close();
    }
  });

  describe.each(LANGUAGES.filter(({ isMissing }) => !isMissing()))('of $name', (app) => {
    const built = buildApp(app);
    afterAll(() => built.remove());

    it('has what it says of both audiences, of the target alone, and behind a sidecar that closes', async () => {
      const [own, after] = await Promise.all([
        built.start({ issuer: issuer.url, audiences: [LEGACY, TARGET], flags: agent.url }),
        built.start({ issuer: issuer.url, audiences: [TARGET], flags: 'http://127.0.0.1:9/none' }),
      ]);
      const sidecar = await startInFront(own.url);
      const behind = `http://127.0.0.1:${sidecar.port}`;
      try {
        const keyless = await askWithoutKeys((of) =>
          built.start({ issuer: of.url, audiences: [LEGACY, TARGET], flags: agent.url }),
        );
        expect({ ...(await askAll(own.url)), [KEYLESS]: keyless }).toEqual(column(app.name));
        expect(await ask(after.url, 'of the target')).toBe(200);
        expect(await ask(after.url, 'of both audiences')).toBe(200);
        expect(await ask(after.url, 'of the legacy audience')).toBe(401);

        for (const [held, roles] of FEATURES) {
          flags = held;
          const status = await send(`${own.url}/dashboard`, await issuer.mintWithRoles(roles));
          expect({ held, roles, status }).toEqual({ held, roles, status: hasAccess(held, roles) ? 200 : 404 });
        }
        expect(await send(`${after.url}/dashboard`, await issuer.mintWithRoles(['beta-tester']))).toBe(404);

        // Both have to let a request in; the sidecar says first what it refuses.
        const stricter = (row: TokenRow) => {
          const [first, second] = [column('Crossfade')[row], column(app.name)[row]];
          return first === 200 ? second : first;
        };
        expect(await askAll(behind)).toEqual(Object.fromEntries(ROWS.map((row) => [row, stricter(row)])));
        const { audiences, validUnauthorized } = await sidecar.status();
        expect(audiences['legacy']).toMatchObject({ accepted: 1 });
        // What the sidecar takes and the app answers with 401: the gate would not pass.
        const taken = ROWS.filter((row) => column('Crossfade')[row] === 200 && column(app.name)[row] === 401);
        expect(validUnauthorized).toBe(taken.length);

        sidecar.setFlags({ 'accept-legacy': { enabled: false } });
        await vi.waitFor(async () => expect(await ask(behind, 'of the legacy audience')).toBe(401), {
          timeout: 15_000,
        });
        expect(await ask(behind, 'of the target')).toBe(200);
        expect(await ask(own.url, 'of the legacy audience')).toBe(200);
      } finally {
        await sidecar.remove();
        await Promise.all([own.stop(), after.stop()]);
      }
    });
  });
});
