import type { MigrationPlan } from '@crossfade/core';

/** Where clients reach the plan's own sidecar, unless it only collects. */
export function defaultApi({ sidecar }: MigrationPlan): readonly string[] {
  if (sidecar === undefined || sidecar.mode === 'collect') return [];
  if (sidecar.publicUrl !== undefined) return [sidecar.publicUrl];
  if (sidecar.listen.startsWith('unix:')) return [];
  const host = sidecar.listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return [`${sidecar.tlsCert === undefined ? 'http' : 'https'}://${host}/`];
}
