import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { parsePlanText } from '@crossfade/core/plan-file';
import { startSidecar } from '@crossfade/sidecar';
import { createValidator } from '@crossfade/validator';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AudienceProvider, LEGACY, startAudienceProvider, TARGET } from './provider.ts';

let provider: AudienceProvider;
beforeAll(async () => {
  provider = await startAudienceProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.ignoresResource = false;
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Judge = (token: string | undefined) => Promise<number>;

/** An API that responds with the status that its check of the token says. */
function startApi(judge: Judge): Promise<string> {
  return listen(async (request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const status = request.url === '/missing' ? 404 : await judge(token);
    const challenge =
      status !== 401 ? {} : { 'www-authenticate': `Bearer${token === undefined ? '' : ' error="invalid_token"'}` };
    response.writeHead(status, challenge).end();
  });
}

const side = (audience: string) => ({ issuer: provider.issuer, audience });

/** An API that checks all, of both sides. */
function guarded(sides = { legacy: side(LEGACY), target: side(TARGET) }): Judge {
  const validator = createValidator(sides);
  return async (token) => ((await validator.judge(token)).outcome === 'accepted' ? 200 : 401);
}

/** An API that checks the signature alone. */
function signatureOnly(): Judge {
  const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`));
  return async (token) =>
    token === undefined
      ? 401
      : jwtVerify(token, keys).then(
          () => 200,
          () => 401,
        );
}

async function createMigration({ judge = guarded(), flags = '{}' }: { judge?: Judge; flags?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-verify-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'flags.json'), flags);
  const upstream = await startApi(judge);
  const planText = (more: object) =>
    JSON.stringify({
      version: 1,
      migration: 'orders-2026',
      legacy: { ...side(LEGACY), scope: 'openid profile orders:read', resource: LEGACY },
      target: { ...side(TARGET), scope: 'orders:read', resource: TARGET },
      flags: { source: 'file', path: join(folder, 'flags.json') },
      sidecar: { service: 'orders-api', listen: '127.0.0.1:0', admin: '127.0.0.1:0', upstream },
      ...more,
    });
  const logger = { info: () => {}, warn: () => {} };
  const sidecar = await startSidecar(parsePlanText(planText({})), { logger });
  onTestFinished(() => sidecar.close());
  await writeFile(join(folder, 'crossfade.yaml'), planText({ gate: { sidecars: [sidecar.adminUrl] } }));
  const verify = async (argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    let [stdout, stderr] = ['', ''];
    const exitCode = await run(
      ['verify', '--client-id', provider.client.id, '--api', sidecar.dataUrl, ...argv].slice(0),
      {
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        env: { CROSSFADE_CLIENT_SECRET: provider.client.secret, ...env },
        cwd: folder,
      },
    );
    expect(stdout + stderr).not.toMatch(/eyJ|the secret of/);
    return { exitCode, stdout, stderr };
  };
  return { folder, upstream, sidecar, verify };
}

/** Without the `--api` of the migration. */
async function verifyAt(
  api: string,
  migration: Awaited<ReturnType<typeof createMigration>>,
  more: readonly string[] = [],
) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await run(['verify', '--client-id', provider.client.id, '--api', api, ...more], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: { CROSSFADE_CLIENT_SECRET: provider.client.secret },
    cwd: migration.folder,
  });
  return { exitCode, stdout, stderr };
}

describe('crossfade verify, with a real provider and a real sidecar', () => {
  it('ends with 0 when each token is what was asked for, each API takes both, and the sidecar counted them', async () => {
    const { verify } = await createMigration();
    const { exitCode, stdout, stderr } = await verify();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/legacy token +legacy\n +target token +target\n/);
    expect(stdout).toMatch(/no token +refused +401 +as expected\n +altered token +refused +401 +as expected\n/);
    expect(stdout).toMatch(/legacy token +taken +200 +as expected\n +target token +taken +200 +as expected\n/);
    expect(stdout).toContain('counted each of 4 requests as what it was');
  });

  it('finds a provider that silently mints its default audience, and says what to do', async () => {
    provider.ignoresResource = true;
    const { verify } = await createMigration();
    const { exitCode, stdout } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('asked for target, got a token for legacy: the provider ignores what asks for target');
  });

  it('finds an API that refuses valid target tokens', async () => {
    const { verify } = await createMigration({
      judge: guarded({ legacy: side(LEGACY), target: side('https://typo.example.com') }),
    });
    const { exitCode, stdout } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('it refuses a target token that the plan takes: compare its issuer, audience, keys');
  });

  it('finds an API that takes ID tokens and tokens for other APIs, because it checks the signature alone', async () => {
    const { verify, folder } = await createMigration({ judge: signatureOnly() });
    const id = await provider.sign({ aud: 'web-app', sub: 'alice', nonce: 'n' });
    await writeFile(join(folder, 'id.txt'), id);
    await writeFile(
      join(folder, 'foreign.txt'),
      await provider.sign({ aud: 'https://other.example.com', sub: 'alice' }),
    );
    const { exitCode, stdout } = await verify([
      '--id-token-file',
      'id.txt',
      '--foreign-token-file',
      'foreign.txt',
      '--json',
    ]);
    expect(exitCode).toBe(1);
    const { findings } = JSON.parse(stdout) as { findings: string[] };
    expect(findings).toEqual([
      expect.stringContaining('it takes an ID token: it does not check what the token is'),
      expect.stringContaining('it takes a token for another API'),
    ]);
  });

  it('finds an API that verifies no signature, and one that wants no token', async () => {
    const { verify } = await createMigration({ judge: async (token) => (token === undefined ? 401 : 200) });
    expect((await verify()).stdout).toContain('it takes a token whose signature is broken: it verifies no signature');
    const open = await createMigration({ judge: async () => 200 });
    const { exitCode, stdout } = await open.verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain('it takes requests without a token: the path is public, or nothing guards it');
    expect(stdout).not.toContain('verifies no signature');
  });

  it('finds an API that refuses with 403, upon which no client gets another token', async () => {
    const strict = guarded();
    const { verify } = await createMigration({ judge: async (token) => ((await strict(token)) === 200 ? 200 : 403) });
    expect((await verify()).stdout).toContain('with 403: respond with 401');
  });

  it('finds a proxy that strips the header, by what the sidecar counted', async () => {
    const migration = await createMigration();
    const stripping = await listen((request, response) => {
      const { authorization: _, ...headers } = request.headers;
      const onward = send(migration.sidecar.dataUrl, { method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    const { exitCode, stdout } = await verifyAt(stripping, migration);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('a proxy in front may strip Authorization');
    expect(stdout).toContain('and 3 more without a token: a proxy in front strips Authorization');
  });

  it('does not know whether requests that pass no sidecar are counted', async () => {
    const migration = await createMigration();
    const { exitCode, stdout } = await verifyAt(migration.upstream, migration);
    expect(exitCode).toBe(4);
    expect(stdout).toContain('requests to these URLs may not pass them');
    expect((await verifyAt(migration.upstream, migration, ['--without-sidecars'])).exitCode).toBe(0);
  });

  it('expects legacy to be refused once it is closed', async () => {
    const strict = guarded();
    const closed = createValidator({ legacy: side(LEGACY), target: side(TARGET), acceptance: 'target' });
    const flags = '{"accept-legacy":{"enabled":false}}';
    const open = await createMigration({ judge: strict, flags });
    const result = await open.verify();
    expect(result.stdout).toContain('it takes a legacy token: it does not check what the token is, or for whom');
    expect(result.exitCode).toBe(1);
    const judge: Judge = async (token) => ((await closed.judge(token)).outcome === 'accepted' ? 200 : 401);
    expect((await (await createMigration({ judge, flags })).verify()).exitCode).toBe(0);
  });

  it('ends with 4 where the response says nothing of the token, and with 3 where nothing responds', async () => {
    const migration = await createMigration();
    const { exitCode, stdout } = await verifyAt(`${migration.sidecar.dataUrl}/missing`, migration);
    expect(exitCode).toBe(4);
    expect(stdout).toContain('404: that says nothing of the token: name a path that responds with 2xx');
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const down = await verifyAt(`http://127.0.0.1:${port}/orders`, migration);
    expect(down.exitCode).toBe(3);
    expect(down.stdout).toMatch(/target token +taken +ECONNREFUSED +unreachable/);
  });

  it('says which error the provider gives, and no secret', async () => {
    const { verify } = await createMigration();
    const { exitCode, stdout } = await verify([], { CROSSFADE_CLIENT_SECRET: 'the secret of another' });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('the provider refuses a token for target: invalid_client');
  });

  it('sends tokens over https or on loopback only, and to what is named only', async () => {
    const { folder } = await createMigration();
    let stderr = '';
    const argv = [
      'verify',
      '--client-id',
      'x',
      '--client-secret-env',
      'NONE',
      '--api',
      'http://orders.example.com/x,ftp://x',
    ];
    const io = {
      stdout: { write: () => {} },
      stderr: { write: (text: string) => (stderr += text) },
      env: {},
      cwd: folder,
    };
    expect(await run(argv, io)).toBe(2);
    expect(stderr).toMatch(
      /environment variable .*NONE: is not set.*--client-secret-env\n.*--api: must be an https URL.*\n.*--api: must be/,
    );
    const redirecting = await listen((request, response) => {
      if (request.url === '/elsewhere') throw new Error('a redirect was followed');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const { stdout } = await verifyAt(redirecting, await createMigration());
    expect(stdout).toContain('302: it redirects: name the URL that it leads to');
  });
});
