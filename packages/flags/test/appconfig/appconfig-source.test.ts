import { createEmulator } from '@crossfade/appconfig-emulator';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAppConfigSource } from '../../src/appconfig/appconfig-source.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };

async function emulate() {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url } = await emulator.listen();
  onTestFinished(() => emulator.close());
  return { emulator, url };
}

function open(options: Partial<Parameters<typeof createAppConfigSource>[0]>) {
  const source = createAppConfigSource({ ...LOCATION, ...options });
  onTestFinished(() => source.close());
  return source;
}

it('follows deployments at the interval that AppConfig returns', async () => {
  const { emulator, url } = await emulate();
  emulator.seed({ ...LOCATION, content: content(false) });
  const source = open({ endpoint: url });
  await source.firstPoll;
  expect(source.snapshot().document.features.get('dash-public')).toBe(false);
  emulator.seed({ ...LOCATION, content: content(true) });
  await vi.waitFor(() => expect(source.snapshot().document.features.get('dash-public')).toBe(true), { timeout: 5000 });
  expect(source.refreshes().failed).toBe(0);
});

it('times out on a credentials provider that hangs', async () => {
  const { url } = await emulate();
  const source = open({ endpoint: url, timeoutMs: 50, clientConfig: { credentials: () => new Promise(() => {}) } });
  await source.firstPoll;
  expect(source.snapshot().problem).toBe('AppConfig did not respond (TimeoutError)');
});

it('reports missing credentials as its problem', async () => {
  const { url } = await emulate();
  const credentials = () => Promise.reject(Object.assign(new Error('secret'), { name: 'CredentialsProviderError' }));
  const source = open({ endpoint: url, clientConfig: { credentials } });
  await source.firstPoll;
  expect(source.snapshot().problem).toBe('the AWS SDK found no region or no credentials (CredentialsProviderError)');
});

describe('without options of its own', () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((name) => name.startsWith('AWS_'))) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function problem(): Promise<string | undefined> {
    const source = open({});
    await source.firstPoll;
    return source.snapshot().problem;
  }

  it('finds region, credentials and endpoint in the AWS environment variables', async () => {
    const { emulator, url } = await emulate();
    emulator.seed({ ...LOCATION, content: content(true) });
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'any');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any');
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIGDATA', url);
    expect(await problem()).toBeUndefined();
  });

  it('says that the region is missing', async () => {
    expect(await problem()).toBe('the AWS SDK found no region or no credentials (Region is missing)');
  });

  it('says that the credentials are missing', async () => {
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    expect(await problem()).toBe('the AWS SDK found no region or no credentials (CredentialsProviderError)');
  });
});

it('does not let the client configuration re-enable retries', async () => {
  const { emulator, url } = await emulate();
  emulator.seed({ ...LOCATION, content: content(true) });
  emulator.faults.set({ kind: 'error', plane: 'data', times: 1 });
  const source = open({ endpoint: url, clientConfig: { maxAttempts: 3 } });
  await source.firstPoll;
  expect(source.refreshes()).toEqual({ updated: 0, unchanged: 0, refused: 0, failed: 1 });
});

it('refuses a switch with variants, which only the Agent evaluates', async () => {
  const { emulator, url } = await emulate();
  const text = '{"issue-target":{"_variants":[]},"accept-legacy":{"enabled":false}}';
  emulator.seed({ ...LOCATION, type: 'AWS.Freeform', content: text });
  const source = open({ endpoint: url });
  await source.firstPoll;
  expect(source.snapshot()).toMatchObject({
    document: { acceptance: 'both' },
    problem: expect.stringMatching(/multi-variant flags are evaluated by the AppConfig Agent only/),
  });
});

function content(enabled: boolean): string {
  const flags = { 'dash-public': { name: 'dash-public' } };
  return JSON.stringify({ version: '1', flags, values: { 'dash-public': { enabled } } });
}
