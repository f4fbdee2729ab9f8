import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationPlan } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { type Credentials, createCredentials } from '../identity/credentials.ts';
import { startIdentityProvider } from '../identity/identity-provider.ts';
import type { Cleanup } from '../ledger/cleanup.ts';
import { findLoopbackPorts } from '../ledger/loopback-port.ts';
import type { Tempo } from '../ledger/timing.ts';
import { type FlagStore, startFlagStore } from './flag-store.ts';
import { LEGACY_RESOURCE, rehearsalPlan, TARGET_RESOURCE } from './rehearsal-plan.ts';
import type { SidecarAddresses } from './sidecar-process.ts';
import { callbackUrl } from './web-app.ts';

/** What a migration finds when it begins: identity provider, flag store, addresses, and the plan somebody wrote. */
export interface Ground {
  readonly plan: MigrationPlan;
  readonly planPath: string;
  readonly flagStore: FlagStore;
  readonly webAppPort: number;
  readonly webApp: Credentials;
  readonly machines: readonly Credentials[];
  readonly probe: Credentials;
  /** One API instance each, with the sidecar in front of it. */
  readonly instances: readonly { readonly port: number; readonly sidecar: SidecarAddresses }[];
}

export interface GroundOptions {
  readonly tempo: Tempo;
  readonly migration: string;
  readonly machines: readonly string[];
  readonly instances: number;
}

export async function prepareGround(options: GroundOptions, cleanup: Cleanup): Promise<Ground> {
  const { tempo } = options;
  const [webAppPort = 0, ...ports] = await findLoopbackPorts(1 + 3 * options.instances);
  const instances = Array.from({ length: options.instances }, (_, index) => instanceAt(ports.slice(3 * index)));
  const webApp = createCredentials('web-app');
  const probe = createCredentials('probe');
  const machines = options.machines.map(createCredentials);

  const flagStore = await startFlagStore(tempo);
  cleanup.add(flagStore.close);
  const identityProvider = await startIdentityProvider({
    defaultResource: LEGACY_RESOURCE,
    targetResource: TARGET_RESOURCE,
    webApp: { ...webApp, redirectUri: callbackUrl(webAppPort).href },
    machines: [...machines, probe],
    tokenLifetimeSeconds: tempo.tokenLifetimeSeconds,
    sessionLifetimeSeconds: tempo.sessionLifetimeSeconds,
  });
  cleanup.add(identityProvider.close);

  const premises = {
    migration: options.migration,
    issuer: identityProvider.issuer,
    flagEndpoint: flagStore.endpoint,
    clients: [webApp, ...machines, probe].map(({ clientId }) => clientId),
    sidecars: instances.map(({ sidecar }) => sidecar),
  };
  const planText = rehearsalPlan(premises, tempo);
  const planPath = await writePlan(planText, cleanup);
  return { plan: parsePlanText(planText), planPath, flagStore, webAppPort, webApp, machines, probe, instances };
}

function instanceAt([port = 0, listen, admin]: readonly number[]): Ground['instances'][number] {
  const upstream = `http://127.0.0.1:${port}`;
  return { port, sidecar: { listen: `127.0.0.1:${listen}`, admin: `127.0.0.1:${admin}`, upstream } };
}

async function writePlan(text: string, cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-lab-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'crossfade.yaml');
  await writeFile(path, text);
  return path;
}
