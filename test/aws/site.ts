import { createEmulator, type Seed } from '@crossfade/appconfig-emulator';
import { parsePlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { onTestFinished } from 'vitest';
import { showDrained, startSidecar } from '../../packages/cli/test/fixture/sidecar.ts';
import { createWorkplace, PLAN } from '../../packages/cli/test/fixture/workplace.ts';
import { applyTemplate } from './stack.ts';
import { actionsOf, policiesOf, type Role } from './template.ts';

/** Clients of a loopback endpoint sign with this key: the CLI, and the sidecar beside it. */
const KEY = 'local';
const OF_SIDECAR = ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'];
/** Short, so that a whole migration takes seconds. */
const SHORT_PLAN = {
  ...PLAN,
  clockTolerance: '1s',
  legacy: { ...PLAN.legacy, tokenLifetime: '500ms', sessionLifetime: '500ms' },
};

/** An emulated AWS with the template applied, a plan for it, and a sidecar that follows the flags. */
export async function createSite() {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url: endpoint } = await emulator.listen();
  onTestFinished(() => emulator.close());
  const stack = await applyTemplate(endpoint);
  onTestFinished(() => stack.client.destroy());
  const flags = {
    source: 'appconfig',
    application: stack.names['ApplicationName'],
    environment: stack.names['EnvironmentName'],
    profile: stack.names['ProfileName'],
    region: 'local',
    endpoint,
  };
  // The first content is there before the sidecar starts, as in a migration that begins.
  emulator.seed({ ...flags, content: '{"version":"1","flags":{},"values":{}}' } as Seed);
  const workplace = await createWorkplace();
  const source = await openFlagSource(parsePlan({ ...SHORT_PLAN, flags }).flags);
  onTestFinished(() => source.close());
  const sidecar = await startSidecar(source);
  showDrained(sidecar.status);
  await workplace.writePlan({ ...SHORT_PLAN, flags, gate: { silence: '4s', sidecars: [sidecar.url] } });

  const policies = (role: Role) => policiesOf(stack.template, role, stack.names);
  return {
    ...{ emulator, stack, source },
    /** Runs a verb under a role. The sidecar reads on under its own. */
    async as(role: Role, argv: readonly string[]) {
      emulator.access.restrict(KEY, [...policies(role), ...policies('ReaderRole')]);
      sidecar.status.audiences.target.lastSeenAt = new Date().toISOString();
      const before = emulator.access.calls().length;
      const result = await workplace.crossfade(argv, { now: Date.now });
      const calls = emulator.access.calls().slice(before);
      emulator.access.release(KEY);
      return { ...result, calls: calls.filter(({ action }) => !OF_SIDECAR.includes(action)) };
    },
    policies,
    actions: (role: Role) => actionsOf(policies(role)),
  };
}
