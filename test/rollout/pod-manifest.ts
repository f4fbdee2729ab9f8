import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePlanText } from '@crossfade/core/plan-file';
import { parseAllDocuments } from 'yaml';

interface Container {
  readonly name: string;
  readonly lifecycle?: {
    readonly preStop?: {
      readonly sleep?: { readonly seconds: number };
      readonly exec?: { readonly command: string[] };
    };
  };
}

interface Resource {
  readonly kind: string;
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly initContainers: readonly Container[];
        readonly containers: readonly Container[];
      };
    };
  };
}

/** What the manifest says about the end of a pod. */
export interface PodManifest {
  /** The plan's text. */
  readonly plan: string;
  readonly drainDelayMs: number;
  readonly drainTimeoutMs: number;
  readonly graceMs: number;
  /** How long the API waits before its SIGTERM; 0: it does not. */
  readonly apiPreStopMs: number;
  /** What runs in the sidecar's container when the pod is deleted; `undefined`: nothing. */
  readonly sidecarPreStop: readonly string[] | undefined;
}

const BASE = resolve(import.meta.dirname, '../../deploy/kubernetes/base');

export function readPodManifest(): PodManifest {
  const manifest = readFileSync(resolve(BASE, 'orders-api.yaml'), 'utf8');
  const resources = parseAllDocuments(manifest).map((document) => document.toJS() as Resource);
  const plan = readFileSync(resolve(BASE, 'crossfade.yaml'), 'utf8');
  const pod = resources.find(({ kind }) => kind === 'Deployment')?.spec?.template.spec;
  const { drainDelayMs = 0, drainTimeoutMs = 25_000 } = parsePlanText(plan).sidecar ?? {};
  return {
    plan,
    drainDelayMs,
    drainTimeoutMs,
    graceMs: (pod?.terminationGracePeriodSeconds ?? 30) * 1000,
    apiPreStopMs: (pod?.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000,
    sidecarPreStop: pod?.initContainers[0]?.lifecycle?.preStop?.exec?.command,
  };
}
