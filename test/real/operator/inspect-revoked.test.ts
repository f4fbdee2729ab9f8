import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { openRedisDenylist } from '@crossfade/validator/redis';
import { decodeJwt } from 'jose';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { missing } from '../fixture/real-part.ts';

describe.skipIf(missing('redis-server'))('crossfade inspect, with a denylist in Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-inspect-'));
  let issuer: Issuer;
  let redis: Program;
  let url: string;

  beforeAll(async () => {
    issuer = await startIssuer();
    const port = await loopbackPort();
    url = `redis://127.0.0.1:${port}`;
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    redis = await startProgram('redis-server', settings, { cwd: folder, ready: isReady });
    const side = { issuer: issuer.url };
    const plan = {
      version: 1,
      migration: 'orders-2026',
      legacy: { ...side, audience: LEGACY },
      target: { ...side, audience: TARGET },
      clients: [],
      revocation: { redis: url, by: 'jti' },
      flags: { source: 'file', path: './flags.json' },
    };
    writeFileSync(join(folder, 'crossfade.yaml'), JSON.stringify(plan));
  });
  afterAll(async () => {
    await Promise.all([redis?.stop(), issuer?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function isReady(): Promise<boolean> {
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => {});
    await client.connect();
    client.destroy();
    return true;
  }

  async function revoke(token: string): Promise<void> {
    const { jti = '', exp: untilSeconds = 0 } = decodeJwt(token);
    const denylist = openRedisDenylist(createClient, { url, by: 'jti' });
    await denylist.connected();
    await denylist.revoke({ issuer: issuer.url, jti, untilSeconds });
    denylist.close();
  }

  async function inspect(token: string): Promise<unknown> {
    let stdout = '';
    const io = { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: () => {} } };
    await run(['inspect', token, '--json'], { ...io, env: {}, cwd: folder });
    return JSON.parse(stdout);
  }

  it('accepts a token until it is revoked, and then says so', async () => {
    const token = await issuer.mint(LEGACY);
    expect(await inspect(token)).toMatchObject({ exitCode: 0, outcome: 'accepted' });
    await revoke(token);
    expect(await inspect(token)).toMatchObject({ exitCode: 1, outcome: 'rejected', reason: 'revoked' });
    expect(await inspect(await issuer.mint(LEGACY))).toMatchObject({ exitCode: 0, outcome: 'accepted' });
  });

  it('ends with 3 while Redis is down', async () => {
    const token = await issuer.mint(LEGACY);
    await redis.stop();
    expect(await inspect(token)).toMatchObject({ exitCode: 3 });
  });
});
