import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { parsePlanText } from '@crossfade/core/plan-file';
import { startSidecar } from '@crossfade/sidecar';
import { expect, it, onTestFinished } from 'vitest';

const TOKEN = 'one-secret-for-both-sides';

/** A sidecar whose admin port is its own, and a plan for the CLI that lists its metrics port. */
async function startFleet(environment: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-fleet-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'flags.json'), '{}');
  const plan = {
    version: 1,
    clients: [],
    migration: 'orders-2026',
    legacy: { issuer: 'https://idp.example.com', audience: 'default-api' },
    target: { issuer: 'https://idp.example.com', audience: 'https://api.example.com/orders' },
    flags: { source: 'file', path: join(folder, 'flags.json') },
  };
  const settings = {
    service: 'orders-api',
    listen: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    metrics: '127.0.0.1:0',
    upstream: 'http://127.0.0.1:9',
  };
  const sidecar = await startSidecar(parsePlanText(JSON.stringify({ ...plan, sidecar: settings })), { environment });
  onTestFinished(() => sidecar.close());
  const ofOperator = { ...plan, gate: { sidecars: [sidecar.metricsUrl] } };
  await writeFile(join(folder, 'crossfade.yaml'), JSON.stringify(ofOperator));
  return async (verb: string, env: Readonly<Record<string, string>>) => {
    let output = '';
    const stream = { write: (text: string) => (output += text) };
    await run([verb, '--json'], { stdout: stream, stderr: stream, env, cwd: folder });
    return output;
  };
}

it('the CLI reads a fleet through its metrics ports with the secret that both sides have', async () => {
  const crossfade = await startFleet({ CROSSFADE_SIDECAR_READ_TOKEN: TOKEN });
  for (const verb of ['status', 'gate', 'stragglers', 'census']) {
    const output = await crossfade(verb, { CROSSFADE_READ_TOKEN: TOKEN });
    expect(JSON.parse(output), verb).toMatchObject({ migration: 'orders-2026' });
    expect(output, verb).not.toMatch(/READ_TOKEN|cannot be reached/);
    expect(await crossfade(verb, {}), verb).toContain('wants CROSSFADE_READ_TOKEN');
    expect(await crossfade(verb, { CROSSFADE_READ_TOKEN: `${TOKEN}x` }), verb).toContain('does not accept');
  }
});

it('a metrics port without a read token gives the CLI nothing, and the CLI says what is missing', async () => {
  const crossfade = await startFleet({});
  const output = await crossfade('stragglers', { CROSSFADE_READ_TOKEN: TOKEN });
  expect(output).toContain('does so once CROSSFADE_SIDECAR_READ_TOKEN is set');
});
