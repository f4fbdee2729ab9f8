import { type Lab, startLab } from '@crossfade/lab';
import { type K6Result, runK6 } from './run-k6.ts';

export interface LoadOptions {
  readonly seconds: number;
  /** Requests a second, half with legacy and half with target tokens. */
  readonly rate: number;
}

/** Starts a lab that accepts both audiences, runs k6 against its sidecars, and closes the lab. */
export async function loadLab(options: LoadOptions): Promise<K6Result> {
  const lab = await startLab({ seed: 1, clients: 20, fast: false });
  try {
    await lab.orders.deploy('both', lab.balancer);
    return await runK6(environmentOf(lab, options));
  } finally {
    await lab.close();
  }
}

function environmentOf(lab: Lab, { seconds, rate }: LoadOptions): Record<string, string> {
  const { legacy, target } = lab.plan;
  return {
    SECONDS: String(seconds),
    RATE: String(rate),
    APIS: lab.sidecars.map(({ dataUrl }) => dataUrl).join(','),
    TOKEN_ENDPOINT: lab.probe.tokenEndpoint,
    CLIENT_ID: lab.probe.clientId,
    CLIENT_SECRET: lab.probe.clientSecret,
    legacy_SCOPE: legacy.scope,
    legacy_RESOURCE: legacy.resource ?? '',
    target_SCOPE: target.scope,
    target_RESOURCE: target.resource ?? '',
  };
}
