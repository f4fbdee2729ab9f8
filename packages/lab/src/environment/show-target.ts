import type { Lab } from './lab.ts';

export const SHOW_TARGET_EVERY_MS = 1000;

/** Sends each sidecar a request with a real target token, which no client may bring: after a rollback, for example. */
export async function showTarget({ probe, sidecars }: Pick<Lab, 'probe' | 'sidecars'>): Promise<void> {
  // One that is stopped shows nothing, and the steps say so.
  await Promise.allSettled(sidecars.map(({ dataUrl }) => probe.request(dataUrl, 'target')));
}
