import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePlanText } from '@crossfade/core/plan-file';
import { describe, expect, it } from 'vitest';
import { readPodManifest } from '../../rollout/pod-manifest.ts';
import { podOf } from './fixture/kubernetes-object.ts';
import { kubernetes, objectsIn } from './fixture/render.ts';

/** `JUDGEMENT_GRACE_MS` of serve-data-port.ts, and the time to exit. */
const [JUDGEMENTS_MS, EXIT_MS] = [2_000, 2_000];
const read = (path: string) => readFileSync(resolve(kubernetes, path), 'utf8');

describe('the pod with the sidecar', () => {
  it('ends the sidecar before the API, and both within the grace period', () => {
    const { drainDelayMs, drainTimeoutMs, graceMs, apiPreStopMs, sidecarPreStop } = readPodManifest();
    expect(sidecarPreStop).toEqual(['/bin/sh', '-c', 'kill -TERM 1']);
    expect(apiPreStopMs).toBeGreaterThanOrEqual(drainDelayMs + drainTimeoutMs + JUDGEMENTS_MS + EXIT_MS);
    // What is left is for the API, and for a sidecar that the kubelet restarted once more.
    expect(graceMs - apiPreStopMs).toBeGreaterThanOrEqual(drainDelayMs + 10_000);
    expect(drainDelayMs).toBeGreaterThanOrEqual(5_000);
  });
});

describe('the pod of a sidecar that a gateway asks', () => {
  it('needs no hook, and has longer to end than its drain takes', () => {
    const { drainDelayMs = 0, drainTimeoutMs = 25_000 } =
      parsePlanText(read('forward-auth/crossfade.yaml')).sidecar ?? {};
    const { spec } = podOf(objectsIn(read('forward-auth/orders-auth.yaml')));
    expect(spec.containers.map(({ name, lifecycle }) => [name, lifecycle])).toEqual([['crossfade', undefined]]);
    const needed = drainDelayMs + drainTimeoutMs + JUDGEMENTS_MS + EXIT_MS;
    expect(spec.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(needed + 10_000);
  });
});

describe('the role of the service account', () => {
  it('reads one configuration and nothing else', () => {
    const policy = JSON.parse(read('appconfig-reader-policy.json')) as {
      Statement: { Action: string[]; Resource: string }[];
    };
    expect(policy.Statement.flatMap(({ Action }) => Action)).toEqual([
      'appconfig:StartConfigurationSession',
      'appconfig:GetLatestConfiguration',
    ]);
    for (const { Resource } of policy.Statement)
      expect(Resource).toMatch(/:application\/\w+\/environment\/\w+\/configuration\/\w+$/);
  });
});
