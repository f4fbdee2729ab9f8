import type { Deployment } from '../store/store.ts';
import type { DeploymentProgress } from './deployment-progress.ts';

/** Formats a deployment as `GetDeployment` returns it. */
export function deploymentView(
  path: { readonly applicationId: string; readonly environmentId: string },
  deployment: Deployment,
  progress: DeploymentProgress,
): unknown {
  return {
    ApplicationId: path.applicationId,
    EnvironmentId: path.environmentId,
    DeploymentStrategyId: deployment.strategyId,
    ConfigurationLocationUri: 'hosted',
    Description: deployment.description,
    ...common(deployment, progress),
    EventLog: progress.events.map(({ type, triggeredBy, description, atMs }) => ({
      EventType: type,
      TriggeredBy: triggeredBy,
      Description: description,
      ActionInvocations: [],
      OccurredAt: iso(atMs),
    })),
    AppliedExtensions: [],
  };
}

/** Formats a deployment as `ListDeployments` returns it. */
export function deploymentSummary(deployment: Deployment, progress: DeploymentProgress): unknown {
  return common(deployment, progress);
}

function common(deployment: Deployment, progress: DeploymentProgress): Record<string, unknown> {
  return {
    ConfigurationProfileId: deployment.profileId,
    DeploymentNumber: deployment.number,
    ConfigurationName: deployment.configurationName,
    ConfigurationVersion: String(deployment.version.number),
    DeploymentDurationInMinutes: deployment.durationMinutes,
    GrowthType: deployment.growthType,
    GrowthFactor: deployment.growthFactor,
    FinalBakeTimeInMinutes: deployment.bakeMinutes,
    State: progress.state,
    PercentageComplete: progress.percentage,
    StartedAt: iso(deployment.startedAtMs),
    ...(progress.completedAtMs !== null && { CompletedAt: iso(progress.completedAtMs) }),
    VersionLabel: deployment.version.label,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
