import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describe, it, type OnTestFinishedHandler } from 'vitest';

const PROCESS = fileURLToPath(new URL('./judging-process.mjs', import.meta.url));
const FETCH_TIMEOUT_MS = 5000;
const PAUSE_MS = FETCH_TIMEOUT_MS + 2000;

async function startIssuer(onEnd: (handler: OnTestFinishedHandler) => void) {
  const keys: JWK[] = [];
  const sockets = new Set<Socket>();
  const state = { isSilent: false, requests: 0 };
  const server = createServer((request, response) => {
    state.requests += 1;
    if (state.isSilent) return;
    const metadata = { issuer: url, jwks_uri: `${url}/jwks` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.includes('well-known') === true ? metadata : { keys }));
  });
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url,
    state,
    sockets,
    /** Publishes a new key, and returns a token that it signed. */
    async rotate(kid: string): Promise<string> {
      const { publicKey, privateKey } = await generateKeyPair('ES256');
      keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' });
      const token = new SignJWT({ sub: 'x', client_id: 'c' }).setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' });
      const audience = 'https://target.example.com';
      return token.setIssuer(url).setAudience(audience).setIssuedAt().setExpirationTime('1h').sign(privateKey);
    },
  };
}

function startJudge(url: string, onEnd: (handler: OnTestFinishedHandler) => void) {
  const child = spawn(process.execPath, [PROCESS, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  onEnd(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (token: string) => void child.stdin.write(`${token}\n`);
  const read = async () => JSON.parse((await lines.next()).value) as { readonly outcome: string };
  return {
    child,
    send,
    read,
    judge(token: string) {
      send(token);
      return read();
    },
  };
}

describe.concurrent('a process that was paused', () => {
  it.for([
    ['between requests', 'closed'],
    ['between requests', 'silent'],
    ['during a fetch', 'closed'],
    ['during a fetch', 'silent'],
  ] as const)(
    'finds a new key of the issuer when it wakes: %s, with connections that are %s',
    { timeout: 60_000 },
    async ([moment, connections], { expect, onTestFinished }) => {
      const { url, state, sockets, rotate } = await startIssuer(onTestFinished);
      const { child, send, read, judge } = startJudge(url, onTestFinished);
      expect(await judge(await rotate('first'))).toEqual({ outcome: 'accepted' });
      if (moment === 'during a fetch') {
        state.isSilent = true;
        const before = state.requests;
        send(await rotate('second'));
        await expect.poll(() => state.requests, { timeout: 10_000, interval: 10 }).toBeGreaterThan(before);
      }
      child.kill('SIGSTOP');
      const token = await rotate('third');
      await delay(PAUSE_MS);
      state.isSilent = false;
      for (const socket of sockets) {
        if (connections === 'closed') socket.destroy();
        else socket.pause().removeAllListeners('data');
      }
      const wokeMs = performance.now();
      child.kill('SIGCONT');
      if (moment === 'during a fetch') await read();
      await expect.poll(() => judge(token), { timeout: 20_000, interval: 100 }).toEqual({ outcome: 'accepted' });
      const tookMs = performance.now() - wokeMs;
      process.stdout.write(`keys after a pause ${moment}, connections ${connections}: ${Math.round(tookMs)} ms\n`);
      // One fetch may spend its timeout on connections that are all dead; the next one succeeds.
      expect(tookMs).toBeLessThan(FETCH_TIMEOUT_MS + 2500);
    },
  );
});
