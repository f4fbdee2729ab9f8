import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationPlan, SidecarPlan } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendRequest } from './fixture/http.ts';
import { startIssuer } from './fixture/issuer.ts';
import { freePort } from './fixture/listening.ts';
import { createRecordingLog } from './fixture/log.ts';
import { startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';

/** The modes in which a request waits for its judgement. */
const ENFORCING: readonly [string, Partial<SidecarPlan>][] = [
  ['an enforcing proxy', { judge: 'enforce' }],
  ['a forward-auth sidecar', { mode: 'forward-auth' }],
];

let folder: string;
let testbed: Testbed | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readiness-'));
});
afterEach(async () => {
  await testbed?.close();
  testbed = undefined;
  await rm(folder, { recursive: true });
});

async function readyz(): Promise<string> {
  const response = await fetch(`${testbed?.sidecar.adminUrl}/readyz`);
  return `${response.status} ${(await response.text()).trim()}`;
}

/** A plan whose issuer listens on `port`, if it does at all. */
function issuerAt(port: number) {
  return (plan: MigrationPlan): Partial<MigrationPlan> => {
    const issuer = `http://127.0.0.1:${port}`;
    return { legacy: { ...plan.legacy, issuer }, target: { ...plan.target, issuer } };
  };
}

async function sendWith(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await sendRequest(testbed?.sidecar.dataUrl ?? '', { headers })).status;
}

describe.each(ENFORCING)('%s', (_name, settings) => {
  test('fetches the keys by itself, and is in service before its first request', async () => {
    testbed = await startTestbed(settings);

    await vi.waitFor(async () => expect(await readyz()).toBe('200 ready'));
  });

  test('that starts while its issuer is down says what is missing, responds 503, and heals by itself', async () => {
    const port = await freePort();
    const logger = createRecordingLog();
    testbed = await startTestbed(settings, { logger, plan: issuerAt(port) });
    const why = `no keys of legacy and target yet (http://127.0.0.1:${port} cannot be reached (ECONNREFUSED))`;
    await vi.waitFor(async () => expect(await readyz()).toBe(`503 not ready: ${why}`));
    expect(await (await fetch(`${testbed.sidecar.adminUrl}/healthz`)).text()).toBe('alive\n');
    const linesOf = () => logger.lines.filter(({ fields }) => fields['event'] === 'keys');
    expect(linesOf()).toMatchObject([{ level: 'warn', fields: { problem: why } }]);

    const issuer = await startIssuer(port);
    const token = await issuer.mint({ aud: TARGET });
    await vi.waitFor(async () => expect(await readyz()).toBe('200 ready'), { timeout: 12_000, interval: 100 });
    expect(await sendWith(token)).toBe(200);
    await vi.waitFor(() => expect(linesOf()).toHaveLength(2), { timeout: 6_000 });
    expect(linesOf()[1]).toMatchObject({ level: 'info' });

    await issuer.close();
    expect(await readyz()).toBe('200 ready');
    expect(await sendWith(token)).toBe(200);
  });

  test('that was restarted while its issuer is down is in service at once, and judges, with the keys of its folder', async () => {
    testbed = await startTestbed(settings, { stateFolder: folder });
    const { issuer } = testbed;
    const token = await issuer.mint({ aud: TARGET });
    await vi.waitFor(async () => expect(await readyz()).toBe('200 ready'));
    await testbed.close();

    const logger = createRecordingLog();
    testbed = await startTestbed(settings, { stateFolder: folder, logger, plan: issuerAt(issuer.port) });
    await vi.waitFor(async () => expect(await readyz()).toBe('200 ready'), { timeout: 1000, interval: 10 });
    expect(await sendWith(token)).toBe(200);
    expect(logger.lines.filter(({ fields }) => fields['event'] === 'keys')).toEqual([]);
  });

  test('waits for no keys that the plan holds', async () => {
    const { jwks } = await startedIssuer();
    const keys = (plan: MigrationPlan): Partial<MigrationPlan> => ({
      legacy: { ...plan.legacy, issuer: 'https://idp.example.com', keys: jwks as never },
      target: { ...plan.target, issuer: 'https://idp.example.com', keys: jwks as never },
    });
    testbed = await startTestbed(settings, { plan: keys });

    expect(await readyz()).toBe('200 ready');
  });
});

test('an observing sidecar is ready while its issuer is down, asks it for nothing before the first token, and logs nothing of it', async () => {
  const logger = createRecordingLog();
  testbed = await startTestbed({ judge: 'observe' }, { logger, plan: issuerAt(await freePort()) });

  expect(await readyz()).toBe('200 ready');
  expect((await testbed.status()).keys).toMatchObject([{ refreshes: { failure: 0 } }, { refreshes: { failure: 0 } }]);
  expect(logger.lines.filter(({ fields }) => fields['event'] === 'keys')).toEqual([]);
});

async function startedIssuer() {
  const issuer = await startIssuer();
  const jwks: unknown = await (await fetch(`${issuer.url}/jwks`)).json();
  await issuer.close();
  return { jwks };
}
