import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBff } from '@crossfade/client';
import { type FlagSource, issuanceSwitch } from '@crossfade/core';
import { createFileSource } from '@crossfade/flags/file';
import { createRemoteSource } from '@crossfade/flags/remote';
import { createSelector } from '@crossfade/selector';
import { expect, onTestFinished, test } from 'vitest';

const sides = { legacy: { scope: 'openid' }, target: { scope: 'openid orders:read' } };

function backendOf(flags: FlagSource) {
  const issuance = issuanceSwitch(flags);
  const selector = createSelector({ ...sides, salt: 'orders-2026', issuance });
  const provider = { issuer: 'https://idp.example.com', clientId: 'web-app', clientSecret: 'of a test' };
  return createBff({ ...provider, selector, issuance, publicUrl: 'https://app.example.com' });
}

/** A flag file, a backend that publishes it, and a browser that reads the backend. */
async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-remote-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'flags.json');
  const writeFlags = (document: object | string) =>
    writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  await writeFlags({ 'issue-target': { enabled: true, percent: 25, revision: '7' } });

  async function openFlags(): Promise<FlagSource> {
    const flags = createFileSource({ path, intervalMs: 5 });
    onTestFinished(() => flags.close());
    await flags.firstPoll;
    return flags;
  }

  const page = { flags: await openFlags(), statuses: [] as (number | undefined)[] };
  const remote = createRemoteSource({
    url: 'https://app.example.com/auth/issuance',
    async fetch(input, init) {
      const response = await backendOf(page.flags).handle(new Request(input as string, init));
      page.statuses.push(response?.status);
      return response ?? new Response(null, { status: 404 });
    },
  });
  onTestFinished(() => remote.close());
  await remote.ready();
  return { page, remote, writeFlags, openFlags };
}

test('a browser follows the flag of its backend, up and back, without a document where nothing changed', async () => {
  const { page, remote, writeFlags } = await start();
  expect(remote.issuance()).toMatchObject({ enabled: true, percent: 25, revision: '7', stale: false });
  await remote.refresh();
  expect(page.statuses).toEqual([200, 304]);
  await writeFlags({ 'issue-target': { enabled: false, revision: '8' } });
  await expect.poll(() => page.flags.snapshot().revision).toBe('8');
  await remote.refresh();
  expect(remote.issuance()).toMatchObject({ enabled: false, percent: 0, revision: '8', stale: false });
});

test('a backend and its browsers put a user on the same side', async () => {
  const { page, remote } = await start();
  const [onServer, inBrowser] = [issuanceSwitch(page.flags), remote.issuance].map((issuance) =>
    createSelector({ ...sides, salt: 'orders-2026', issuance }),
  );
  const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
  const sidesOf = (selector: typeof onServer) => users.map((key) => selector?.select({ key }).side);
  expect(sidesOf(inBrowser)).toEqual(sidesOf(onServer));
  expect(new Set(sidesOf(inBrowser))).toEqual(new Set(['legacy', 'target']));
});

test('a backend that restarts while its flags are broken leaves the browser where it was', async () => {
  const { page, remote, writeFlags, openFlags } = await start();
  await writeFlags('{"issue-target":');
  await page.flags.close();
  page.flags = await openFlags();
  await remote.refresh();
  expect(remote.issuance()).toMatchObject({ enabled: true, percent: 25, revision: '7' });
  expect(remote.snapshot().problem).toContain('does not know the position');
});
