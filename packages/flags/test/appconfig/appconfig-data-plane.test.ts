import { expect, it, onTestFinished } from 'vitest';
import { changedContent, createAppConfigDataPlane } from '../../src/appconfig/appconfig-data-plane.ts';
import { emulateLocation, LOCATION } from '../fixture/emulated-location.ts';

const OPEN = new AbortController().signal;

async function open(options: { timeoutMs: number } = { timeoutMs: 5000 }) {
  const { url, emulator } = await emulateLocation();
  const plane = createAppConfigDataPlane({ ...LOCATION, endpoint: url, pollIntervalMs: 100, ...options });
  onTestFinished(plane.close);
  return { plane, emulator };
}

it('returns the content and the next token, then null for "unchanged"', async () => {
  const { plane, emulator } = await open();
  const first = await plane.poll(await plane.startSession(OPEN), OPEN);
  expect(first).toMatchObject({ nextPollMs: 1000, versionLabel: null });
  expect(new TextDecoder().decode(first.content ?? undefined)).toContain('"percent":25');
  emulator.clock.advance(1000);
  const second = await plane.poll(first.nextToken, OPEN);
  expect(second.content).toBeNull();
  expect(second.nextToken).not.toBe(first.nextToken);
});

it('ends at once when aborted', async () => {
  const { plane, emulator } = await open({ timeoutMs: 60_000 });
  emulator.faults.set('hang');
  const closing = new AbortController();
  const session = plane.startSession(closing.signal);
  closing.abort(new Error('closing'));
  await expect(session).rejects.toThrow();
});

it.each([
  ['null, as in current SDK releases', null],
  ['absent, as from SDK 3.929 on', undefined],
  ['an empty array, as in older SDK releases', new Uint8Array()],
])('treats a configuration that is %s as unchanged', (_name, configuration) => {
  expect(changedContent(configuration)).toBeNull();
});

it('returns a configuration as it is', () => {
  const bytes = new TextEncoder().encode('{}');
  expect(changedContent(bytes)).toBe(bytes);
});
