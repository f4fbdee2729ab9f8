import { describe, expect, it } from 'vitest';
import { environmentOverrides } from '../../src/plan/plan-environment.ts';

describe('environmentOverrides', () => {
  it('finds the settings that CROSSFADE_SIDECAR_*, CROSSFADE_FLAGS_* and CROSSFADE_GATE_* override', () => {
    const { overrides, problems } = environmentOverrides({
      CROSSFADE_SIDECAR_LISTEN: '0.0.0.0:80',
      CROSSFADE_FLAGS_POLL_INTERVAL: '30s',
      CROSSFADE_GATE_SOAK: '5m',
      CROSSFADE_OTHER: 'not ours',
      PATH: '/bin',
      CROSSFADE_FLAGS_PATH: undefined,
    });
    expect(problems).toEqual([]);
    expect(overrides.map(({ path, value }) => [path.join('.'), value])).toEqual([
      ['sidecar.listen', '0.0.0.0:80'],
      ['flags.pollInterval', '30s'],
      ['gate.soak', '5m'],
    ]);
  });

  it('takes a Redis URL, which may hold a password', () => {
    const { overrides, problems } = environmentOverrides({ CROSSFADE_REVOCATION_REDIS: 'redis://:x@r' });
    expect(problems).toEqual([]);
    expect(overrides).toMatchObject([{ path: ['revocation', 'redis'], value: 'redis://:x@r' }]);
  });

  it('leaves the read token to the sidecar: it is a secret, no setting', () => {
    expect(environmentOverrides({ CROSSFADE_SIDECAR_READ_TOKEN: 'secret' })).toEqual({ overrides: [], problems: [] });
  });

  it('reports a variable that names no setting, instead of ignoring a typing error', () => {
    expect(environmentOverrides({ CROSSFADE_SIDECAR_LISTNE: 'x' }).problems).toEqual([
      { path: 'CROSSFADE_SIDECAR_LISTNE', message: 'is not a known setting; did you mean CROSSFADE_SIDECAR_LISTEN?' },
    ]);
  });
});
