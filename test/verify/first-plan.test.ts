import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { parseObservationPlanText, parsePlanText } from '@crossfade/core/plan-file';
import { startSidecar } from '@crossfade/sidecar';
import { createValidator } from '@crossfade/validator';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type AudienceProvider, LEGACY, startAudienceProvider, TARGET } from './provider.ts';

let provider: AudienceProvider;
beforeAll(async () => {
  provider = await startAudienceProvider();
});
afterAll(() => provider.close());

const SILENT = { logger: { info: () => {}, warn: () => {} } };

async function startApi(): Promise<string> {
  const validator = createValidator({
    legacy: { issuer: provider.issuer, audience: LEGACY },
    target: { issuer: provider.issuer, audience: TARGET },
  });
  const server = createServer(async (request, response) => {
    const judgement = await validator.judgeHeader(request.headers.authorization);
    response.writeHead(judgement.outcome === 'accepted' ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function token(resource: string): Promise<string> {
  const { id, secret } = provider.client;
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'orders:read' }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

describe('a first migration', () => {
  it('goes from a census by an observing sidecar to a plan by init, and to a verified API', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crossfade-first-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const cli = async (...argv: readonly string[]) => {
      let [stdout, stderr] = ['', ''];
      const exitCode = await run(argv, {
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        env: { CROSSFADE_CLIENT_SECRET: provider.client.secret },
        cwd: folder,
      });
      return { exitCode, stdout, stderr };
    };
    const upstream = await startApi();
    const sidecar = { service: 'orders-api', listen: '127.0.0.1:0', admin: '127.0.0.1:0', upstream };
    const observing = {
      version: 1,
      migration: 'orders-2026',
      flags: { source: 'file', path: join(folder, 'flags.json') },
    };
    const first = await startSidecar(parseObservationPlanText(JSON.stringify({ ...observing, sidecar })), SILENT);
    onTestFinished(() => first.close());
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(`${first.dataUrl}/`, {
        headers: { authorization: `Bearer ${await token(LEGACY)}` },
      });
      expect(response.status).toBe(200);
    }

    const sides = ['--issuer', provider.issuer, '--target', TARGET, '--resource', TARGET, '--scope', 'orders:read'];
    await expect
      .poll(async () => (await cli('init', ...sides, '--census', first.adminUrl, '--dry-run')).exitCode)
      .toBe(0);
    const made = await cli('init', ...sides, '--census', first.adminUrl, '--upstream', upstream, '--yes');
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    const text = await readFile(join(folder, 'crossfade.yaml'), 'utf8');
    expect(parsePlanText(text)).toMatchObject({
      legacy: { issuer: provider.issuer, audience: LEGACY },
      clients: [provider.client.id],
    });

    const ports = text
      .replace('listen: 127.0.0.1:8080', 'listen: 127.0.0.1:0')
      .replace('admin: 127.0.0.1:9464', 'admin: 127.0.0.1:0');
    const second = await startSidecar(parsePlanText(ports.replace('./flags.json', join(folder, 'flags.json'))), SILENT);
    onTestFinished(() => second.close());
    await writeFile(join(folder, 'crossfade.yaml'), ports.replace(first.adminUrl, second.adminUrl));
    const verified = await cli('verify', '--client-id', provider.client.id, '--api', second.dataUrl);
    expect(verified.stdout).toContain('Every API did what the plan says.');
    expect(verified.exitCode).toBe(0);
  });
});
