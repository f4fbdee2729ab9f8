import { resolve } from 'node:path';
import type { AppConfigLocation } from '@crossfade/core';

/** Names an AppConfig profile as the plan spells it, the same from an Agent, the data plane and the control plane. */
export function appConfigName({ application, environment, profile }: AppConfigLocation): string {
  return `appconfig ${application}/${environment}/${profile}`;
}

/** Names a flag file. */
export function fileName(path: string): string {
  return `file ${resolve(path)}`;
}
