import { expect, test, vi } from 'vitest';
import { type KeySet, readKeySet } from '../../src/keys/key-set.ts';
import { openKeySnapshots } from '../../src/keys/key-snapshots.ts';
import { createSigningKey } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const jwks = { keys: [(await createSigningKey({ kid: 'a' })).publicJwk] };

test('what was saved is loaded, for its issuer', async () => {
  const stored = new Map<string, unknown>();
  const snapshots = openKeySnapshots(ISSUER, {
    load: (issuer) => stored.get(issuer) as never,
    save: (issuer, snapshot) => void stored.set(issuer, JSON.parse(JSON.stringify(snapshot))),
  });
  expect(await snapshots.load()).toBeUndefined();

  await snapshots.save({ keySet: readKeySet(jwks) as KeySet, fetchedAtMs: 1000 });

  expect(stored.get(ISSUER)).toEqual({ jwks, fetchedAtMs: 1000 });
  expect(await snapshots.load()).toMatchObject({ keySet: { jwks }, fetchedAtMs: 1000 });
});

test('a snapshot without a usable key is none', async () => {
  const snapshots = openKeySnapshots(ISSUER, {
    load: () => ({ jwks: { keys: [] }, fetchedAtMs: 1000 }),
    save: () => {},
  });

  expect(await snapshots.load()).toBeUndefined();
});

test('a store that fails is as an empty one', async () => {
  const fail = () => Promise.reject(new Error('disk full'));
  const snapshots = openKeySnapshots(ISSUER, { load: fail, save: fail });

  expect(await snapshots.load()).toBeUndefined();
  await expect(snapshots.save({ keySet: readKeySet(jwks) as KeySet, fetchedAtMs: 1 })).resolves.toBeUndefined();
});

test('a store that hangs is as an empty one, and is not asked again before it has ended', async () => {
  let end = () => {};
  let saves = 0;
  const snapshots = openKeySnapshots(
    ISSUER,
    {
      load: () =>
        new Promise((resolve) => {
          end = () => resolve(undefined);
        }),
      save: () => {
        saves += 1;
      },
    },
    20,
  );
  const fetched = { keySet: readKeySet(jwks) as KeySet, fetchedAtMs: 1 };
  expect(await snapshots.load()).toBeUndefined();
  await snapshots.save(fetched);
  expect(saves).toBe(0);

  end();
  await vi.waitUntil(async () => {
    await snapshots.save(fetched);
    return saves > 0;
  });
});
