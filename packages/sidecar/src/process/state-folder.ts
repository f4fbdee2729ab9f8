/**
 * Where the sidecar keeps its copy of the flags: `CROSSFADE_STATE_DIRECTORY`, else the first folder of systemd's
 * `StateDirectory=`. Nowhere else unasked: a container's file system is often read-only, or gone with the restart.
 */
export function stateFolder(env: NodeJS.ProcessEnv): string | undefined {
  return env['CROSSFADE_STATE_DIRECTORY'] || env['STATE_DIRECTORY']?.split(':')[0] || undefined;
}
