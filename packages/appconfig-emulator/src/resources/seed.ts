import { FEATURE_FLAGS, type Store } from '../store/store.ts';
import { createApplication } from './create-application.ts';
import { createEnvironment } from './create-environment.ts';
import { createProfile } from './create-profile.ts';
import { createVersion } from './create-version.ts';

/** Content to put live, and where. */
export interface Seed {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
  /** `AWS.AppConfig.FeatureFlags` (the default) or `AWS.Freeform`. */
  readonly type?: 'AWS.AppConfig.FeatureFlags' | 'AWS.Freeform';
  /** The configuration as `CreateHostedConfigurationVersion` accepts it. */
  readonly content: string;
  /** MIME type; default: `application/json`. */
  readonly contentType?: string;
}

/** The result of a {@link Seed}: the ids that the control plane takes. */
export interface SeededDeployment {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly configurationProfileId: string;
  readonly versionNumber: number;
  readonly deploymentNumber: number;
}

/**
 * Puts content live at once, without growth or bake, even while another deployment is in progress.
 * @throws {AwsError} BadRequestException when the content is not valid.
 */
export function seed(
  store: Store,
  { application: name, environment, profile, type, content, contentType }: Seed,
): SeededDeployment {
  const application = byName(store.applications, name) ?? createApplication(store, name);
  const place = byName(application.environments, environment) ?? createEnvironment(store, application, environment);
  const target =
    byName(application.profiles, profile) ??
    createProfile(store, application, profile, { Type: type ?? FEATURE_FLAGS });
  const version = createVersion(target, {
    content: Buffer.from(content),
    contentType: contentType ?? 'application/json',
  });
  const number = place.deployments.length + 1;
  place.deployments.push({
    number,
    profileId: target.id,
    strategyId: 'AppConfig.AllAtOnce',
    configurationName: target.name,
    version,
    growthType: 'LINEAR',
    growthFactor: 100,
    durationMinutes: 0,
    bakeMinutes: 0,
    startedAtMs: store.now(),
    stop: null,
  });
  return {
    applicationId: application.id,
    environmentId: place.id,
    configurationProfileId: target.id,
    versionNumber: version.number,
    deploymentNumber: number,
  };
}

function byName<T extends { readonly name: string }>(resources: ReadonlyMap<string, T>, name: string): T | undefined {
  return [...resources.values()].find((resource) => resource.name === name);
}
