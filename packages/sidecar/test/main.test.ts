import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createCertificate } from './fixture/certificate.ts';
import { sendRequest } from './fixture/http.ts';
import { type Issuer, startIssuer } from './fixture/issuer.ts';
import { LEGACY, readStatus, TARGET } from './fixture/testbed.ts';
import { startUpstream, type Upstream } from './fixture/upstream.ts';

const BIN = resolve(import.meta.dirname, '../bin/crossfade-sidecar.js');

let directory: string;
let issuer: Issuer;
let upstream: Upstream;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sidecar-main-'));
  [issuer, upstream] = await Promise.all([startIssuer(), startUpstream()]);
});
afterAll(() => Promise.all([issuer.close(), upstream.close(), rm(directory, { recursive: true })]));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [BIN, ...args], { env: { PATH: process.env['PATH'], ...env }, cwd: directory });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const lines = () =>
    output.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, output, lines, exit };
}

const plan = () => `
version: 1
clients: []
migration: orders-2026
legacy: { issuer: ${issuer.url}, audience: ${LEGACY} }
target: { issuer: ${issuer.url}, audience: ${TARGET} }
flags: { source: file, path: ./flags.json }
sidecar: { service: orders-api, listen: 127.0.0.1:0, admin: 127.0.0.1:0, upstream: ${upstream.url} }
`;

test.each(['SIGTERM', 'SIGINT'] as const)(
  'logs where it listens, proxies, and on %s stops cleanly with its final counts logged',
  async (signal) => {
    await writeFile(join(directory, 'crossfade.yaml'), plan());
    await writeFile(join(directory, 'flags.json'), '{}');
    const { child, lines, exit, output } = start([]);
    await vi.waitFor(() => expect(lines().some((line) => line['event'] === 'listening')).toBe(true), {
      timeout: 15_000,
    });
    const listening = lines().find((line) => line['event'] === 'listening');
    const dataUrl = String(listening?.['data']);
    const adminUrl = String(listening?.['admin']);

    const token = await issuer.mint({ aud: LEGACY, subject: 'alice' });
    expect((await sendRequest(dataUrl, { headers: { authorization: `Bearer ${token}` } })).body).toBe('hello');
    await vi.waitFor(async () => expect((await readStatus({ adminUrl })).audiences.legacy.accepted).toBe(1));

    let finish: () => void = () => {};
    upstream.respond = (_request, response) => {
      finish = () => response.end('finished');
    };
    const inFlight = sendRequest(`${dataUrl}/slow`);
    await vi.waitFor(() => expect(upstream.seen.some(({ url }) => url === '/slow')).toBe(true));
    child.kill(signal);
    await vi.waitFor(async () => expect((await fetch(`${adminUrl}/readyz`)).status).toBe(503));
    finish();
    expect((await inFlight).body).toBe('finished');
    expect(await exit).toBe(0);

    const final = lines().find((line) => line['event'] === 'final_counts');
    expect(final?.['status']).toMatchObject({ audiences: { legacy: { accepted: 1 }, none: { rejected: 1 } } });
    expect(lines().find((line) => line['event'] === 'legacy_request')).toMatchObject({ clientId: 'web-app' });
    expect(output.stdout).not.toContain('alice');
    expect(output.stderr).toBe('');
    upstream.seen.length = 0;
    upstream.respond = (_request, response) => response.end('hello');
  },
);

test('lists every problem of an invalid configuration and exits 2', async () => {
  await writeFile(
    join(directory, 'bad.yaml'),
    `${plan().replace('orders-api', '"bad name"').replace('version: 1', 'version: 3')}surplus: 1\n`,
  );
  const { output, exit } = start(['--config', 'bad.yaml'], { CROSSFADE_SIDECAR_LISTEN: 'nowhere' });
  expect(await exit).toBe(2);
  expect(output.stdout).toBe('');
  for (const problem of ['version', 'sidecar.service', 'surplus', 'CROSSFADE_SIDECAR_LISTEN'])
    expect(output.stderr).toContain(problem);
});

test.each([
  ['a plan without a sidecar section', (text: string) => text.replace(/^sidecar.*$/m, ''), 'sidecar: is required'],
  [
    'a collector whose admin port other machines can reach',
    (text: string) =>
      text.replace('service:', 'mode: collect, service:').replace('admin: 127.0.0.1:0', 'admin: 0.0.0.0:0'),
    'sidecar.admin: must be on loopback in collect mode, but is 0.0.0.0:0',
  ],
])('refuses %s', async (_name, change, problem) => {
  await writeFile(join(directory, 'refused.yaml'), change(plan()));
  const { output, exit } = start(['--config', 'refused.yaml']);
  expect(await exit).toBe(2);
  expect(output.stderr).toContain(problem);
});

test.each([
  [['--config', 'missing.yaml'], '--config: missing.yaml does not exist'],
  [['--bogus'], '--bogus'],
  [['surplus'], 'surplus'],
])('refuses %j', async (args, message) => {
  const { output, exit } = start(args);
  expect(await exit).toBe(2);
  expect(output.stderr).toContain(message);
});

test('says where the metrics port listens, and a second SIGTERM does not cut the drain short', async () => {
  await writeFile(join(directory, 'crossfade.yaml'), plan());
  const { lines, child, exit } = start([], {
    CROSSFADE_SIDECAR_METRICS: '127.0.0.1:0',
    CROSSFADE_SIDECAR_READ_TOKEN: 'read-token-of-this-test',
    CROSSFADE_SIDECAR_DRAIN_DELAY: '1s',
  });
  const logged = (event: string) => lines().filter((line) => line['event'] === event);
  await vi.waitFor(() => expect(logged('listening')).toHaveLength(1), { timeout: 15_000 });
  const [listening] = logged('listening');
  expect(listening?.['msg']).toContain(`metrics on ${listening?.['metrics']}`);
  expect((await sendRequest(`${listening?.['metrics']}/status`)).status).toBe(401);
  child.kill('SIGTERM');
  await vi.waitFor(() => expect(logged('stopping')).toHaveLength(1));
  child.kill('SIGTERM');
  expect((await sendRequest(String(listening?.['data']))).body).toBe('hello');
  expect(await exit).toBe(0);
  expect(logged('stopping')).toHaveLength(1);
  expect(logged('final_counts')).toHaveLength(1);
  expect(JSON.stringify(lines())).not.toContain('read-token-of-this-test');
});

test('exits 2 when its read token can be guessed, without showing it', async () => {
  await writeFile(join(directory, 'crossfade.yaml'), plan());
  const { exit, output } = start([], { CROSSFADE_SIDECAR_READ_TOKEN: 'guessable' });
  expect(await exit).toBe(2);
  expect(output.stderr).toContain('CROSSFADE_SIDECAR_READ_TOKEN: must be a secret of 16 characters or more');
  expect(output.stderr).not.toContain('guessable');
});

test('says that a read token opens nothing without a metrics port', async () => {
  await writeFile(join(directory, 'crossfade.yaml'), plan());
  const { lines, child, exit } = start([], { CROSSFADE_SIDECAR_READ_TOKEN: 'read-token-of-this-test' });
  const warning = () => lines().find((line) => line['event'] === 'read_token');
  await vi.waitFor(() => expect(warning()).toBeDefined(), { timeout: 15_000 });
  expect(warning()?.['msg']).toContain('set sidecar.metrics');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('takes settings from the environment', async () => {
  await writeFile(join(directory, 'crossfade.yaml'), plan());
  const { lines, child, exit } = start([], {
    CROSSFADE_SIDECAR_SERVICE: 'renamed',
    CROSSFADE_SIDECAR_ADMIN: '127.0.0.1:0',
  });
  await vi.waitFor(() => expect(lines().some((line) => line['event'] === 'listening')).toBe(true), { timeout: 15_000 });
  const adminUrl = String(lines().find((line) => line['event'] === 'listening')?.['admin']);
  expect((await readStatus({ adminUrl })).service).toBe('renamed');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('reads its certificate again on SIGHUP, and logs the result', async () => {
  const [cert, key] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
  const renew = async () => {
    const pair = createCertificate();
    await Promise.all([writeFile(cert, pair.cert), writeFile(key, pair.key)]);
  };
  await renew();
  await writeFile(join(directory, 'crossfade.yaml'), plan());
  const { child, lines, exit } = start([], { CROSSFADE_SIDECAR_TLS_CERT: cert, CROSSFADE_SIDECAR_TLS_KEY: key });
  const logged = (event: string) => lines().filter((line) => line['event'] === event);
  await vi.waitFor(() => expect(logged('listening')).toHaveLength(1), { timeout: 15_000 });
  expect(logged('listening')[0]?.['data']).toMatch(/^https:/);
  await renew();
  child.kill('SIGHUP');
  await vi.waitFor(() => expect(logged('certificate')).toMatchObject([{ msg: 'certificate renewed' }]));
  await writeFile(key, 'broken');
  child.kill('SIGHUP');
  await vi.waitFor(() => expect(logged('certificate')).toHaveLength(2));
  expect(logged('certificate')[1]).toMatchObject({
    msg: 'certificate not renewed: the previous one stays in use',
    level: 40,
  });
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('prints its help and its version', async () => {
  const help = start(['--help']);
  expect(await help.exit).toBe(0);
  expect(help.output.stdout).toContain('--config <file>');
  const version = start(['--version']);
  expect(await version.exit).toBe(0);
  expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
