import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { parseObservationPlanText } from '@crossfade/core/plan-file';
import type { SidecarStatus } from '@crossfade/core/status';
import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';

/** From an API about which only its address is known to a plan whose legacy side was proposed by the census. */

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An issuer with real keys and metadata that counts who asks for them. */
async function startIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
  let fetches = 0;
  const url = await listen(
    createServer((request, response) => {
      fetches += 1;
      const body = request.url === '/jwks' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks` };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    }),
  );
  const mint = (claims: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(url)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
  return { url, mint, fetches: () => fetches };
}

async function startObserved() {
  const folder = await mkdtemp(join(tmpdir(), 'census-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'flags.json'), '{}');
  const upstream = await listen(createServer((_request, response) => response.end('taken')));
  const settings = {
    version: 1,
    migration: 'orders-2026',
    flags: { source: 'file', path: join(folder, 'flags.json') },
    sidecar: { service: 'orders-api', upstream, listen: '127.0.0.1:0', admin: '127.0.0.1:0' },
  };
  let sidecar: Sidecar | undefined;
  onTestFinished(() => sidecar?.close());

  return {
    settings,
    /** Starts the sidecar with a plan, in place of the one before. */
    async start(plan: string) {
      await sidecar?.close();
      sidecar = await startSidecar(parseObservationPlanText(plan));
      return sidecar;
    },
    async send(token?: string) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${sidecar?.dataUrl}/orders`, { headers });
      expect([response.status, await response.text()]).toEqual([200, 'taken']);
    },
    async crossfade(...argv: string[]) {
      const plan = { ...settings, gate: { sidecars: [sidecar?.adminUrl] } };
      await writeFile(join(folder, 'crossfade.yaml'), stringify(plan));
      let [stdout, stderr] = ['', ''];
      const exitCode = await run(argv, {
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        env: {},
        cwd: folder,
      });
      return { exitCode, stdout, stderr };
    },
    status: async () => (await (await fetch(`${sidecar?.adminUrl}/status`)).json()) as SidecarStatus,
  };
}

test('an observing sidecar without sides shows what legacy is, and its proposal judges the same tokens', async () => {
  const [issuer, observed] = [await startIssuer(), await startObserved()];
  await observed.start(stringify(observed.settings));
  const claims = { aud: ['default-api', `${issuer.url}/userinfo`], azp: 'web-app', scope: 'openid profile' };
  for (let index = 0; index < 20; index += 1) {
    await observed.send(await issuer.mint({ ...claims, sub: `user-${index}` }));
    // An outsider's rubbish on the way.
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await observed.send(`${part({ alg: 'none' })}.${part({ iss: `https://evil-${index}.example`, aud: '*' })}.`);
  }
  await observed.send(await issuer.mint({ aud: 'default-api', azp: 'nightly-batch', scope: 'orders:read' }));
  expect(issuer.fetches()).toBe(0);

  const text = await observed.crossfade('census');
  expect({ exitCode: text.exitCode, stderr: text.stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(text.stdout).toContain('Signatures are unchecked');
  expect(text.stdout).not.toMatch(/user-\d/);
  const { proposal } = JSON.parse((await observed.crossfade('census', '--json')).stdout) as {
    proposal: { yaml: string };
  };
  expect(proposal.yaml).toBe(
    `legacy:\n  issuer: ${JSON.stringify(issuer.url)}\n  audience: default-api\nclients: [nightly-batch, web-app]\n`,
  );

  await observed.start(stringify(observed.settings) + proposal.yaml);
  await observed.send(await issuer.mint({ ...claims, sub: 'alice' }));
  await expect.poll(async () => (await observed.status()).audiences.legacy).toMatchObject({ accepted: 1, rejected: 0 });
  expect(await observed.status()).toMatchObject({ phase: 'prepare', acceptance: 'legacy' });
});

test('every other verb says that the plan is for observing only', async () => {
  const observed = await startObserved();
  await observed.start(stringify(observed.settings));
  expect(await observed.crossfade('gate')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('legacy: is required by crossfade gate: this plan is for observing only'),
  });
  expect(await observed.crossfade('census')).toMatchObject({
    exitCode: 4,
    stdout: expect.stringContaining('Nothing to propose yet'),
  });
});
