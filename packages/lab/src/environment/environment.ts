import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationPlan } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { type Credentials, createCredentials } from '../identity/credentials.ts';
import { type IdentityProvider, startIdentityProvider } from '../identity/identity-provider.ts';
import type { Cleanup } from './cleanup.ts';
import { type FlagStore, startFlagStore } from './flag-store.ts';
import { findLoopbackPorts } from './loopback-port.ts';
import { LEGACY_RESOURCE, OTHER_RESOURCE, rehearsalPlan, TARGET_RESOURCE } from './rehearsal-plan.ts';
import type { SidecarAddresses } from './sidecar-process.ts';
import type { Timing } from './timing.ts';
import { webAppUrl } from './web-app.ts';

/** What exists before the migration: identity provider, flag store, addresses, credentials and the plan. */
export interface Environment {
  readonly plan: MigrationPlan;
  readonly planPath: string;
  readonly flagStore: FlagStore;
  readonly identityProvider: IdentityProvider;
  readonly webAppPort: number;
  readonly webApp: Credentials;
  readonly machines: readonly Credentials[];
  readonly probe: Credentials;
  /** The API instances, each with the sidecar in front of it. */
  readonly instances: readonly { readonly port: number; readonly sidecar: SidecarAddresses }[];
}

export interface EnvironmentOptions {
  readonly timing: Timing;
  readonly migration: string;
  readonly machines: readonly string[];
  readonly instances: number;
}

/** The users of the login page, for people who look around. */
const USERS = [
  { name: 'ada', roles: ['beta-tester'] },
  { name: 'grace', roles: [] },
];

/** Starts the identity provider and the flag store, and writes the plan for them. */
export async function prepareEnvironment(options: EnvironmentOptions, cleanup: Cleanup): Promise<Environment> {
  const { timing } = options;
  const [webAppPort = 0, ...ports] = await findLoopbackPorts(1 + 3 * options.instances);
  const instances = Array.from({ length: options.instances }, (_, index) => instanceAt(ports.slice(3 * index)));
  const webApp = createCredentials('web-app');
  const probe = createCredentials('probe');
  const machines = options.machines.map(createCredentials);

  const flagStore = await startFlagStore(timing);
  cleanup.add(flagStore.close);
  const identityProvider = await startIdentityProvider({
    defaultResource: LEGACY_RESOURCE,
    targetResource: TARGET_RESOURCE,
    otherResource: OTHER_RESOURCE,
    webApp: {
      ...webApp,
      redirectUri: new URL('/auth/callback', webAppUrl(webAppPort)).href,
      postLogoutRedirectUri: webAppUrl(webAppPort).href,
    },
    users: USERS,
    machines: [...machines, probe],
    tokenLifetimeSeconds: timing.tokenLifetimeSeconds,
    sessionLifetimeSeconds: timing.sessionLifetimeSeconds,
  });
  cleanup.add(identityProvider.close);

  const inputs = {
    migration: options.migration,
    issuer: identityProvider.issuer,
    flagEndpoint: flagStore.endpoint,
    clients: [webApp, ...machines, probe].map(({ clientId }) => clientId),
    sidecars: instances.map(({ sidecar }) => sidecar),
  };
  const planText = rehearsalPlan(inputs, timing);
  const planPath = await writePlan(planText, cleanup);
  const plan = parsePlanText(planText);
  return { plan, planPath, flagStore, identityProvider, webAppPort, webApp, machines, probe, instances };
}

function instanceAt([port = 0, listen, admin]: readonly number[]): Environment['instances'][number] {
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
