import type { Store } from '../store/store.ts';
import { isInProgress } from './deployment-progress.ts';
import { stopDeployment } from './stop-deployment.ts';

/**
 * Rolls back every deployment in progress, baking included, in the environments that monitor the alarm, as AWS does
 * when a CloudWatch alarm fires.
 * @returns how many deployments were rolled back.
 */
export function raiseAlarm(store: Store, alarmArn: string): number {
  const nowMs = store.now();
  const environments = [...store.applications.values()].flatMap((application) => [
    ...application.environments.values(),
  ]);
  let rolledBack = 0;
  for (const environment of environments.filter(({ monitors }) =>
    monitors.some(({ AlarmArn }) => AlarmArn === alarmArn),
  )) {
    for (const deployment of environment.deployments.filter((candidate) => isInProgress(candidate, nowMs))) {
      stopDeployment(environment, deployment, { allowRevert: false, nowMs, triggeredBy: 'CLOUDWATCH_ALARM' });
      rolledBack += 1;
    }
  }
  return rolledBack;
}
