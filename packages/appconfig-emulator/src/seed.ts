/** Content that should be live, and where. */
export interface Seed {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
  /** `AWS.AppConfig.FeatureFlags` (the default) or `AWS.Freeform`. */
  readonly type?: 'AWS.AppConfig.FeatureFlags' | 'AWS.Freeform';
  /** The configuration as `CreateHostedConfigurationVersion` takes it. */
  readonly content: string;
  /** MIME type; absent: `application/json`. */
  readonly contentType?: string;
}

/** What a {@link Seed} became: the ids that the control plane asks for. */
export interface SeededDeployment {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly configurationProfileId: string;
  readonly versionNumber: number;
  readonly deploymentNumber: number;
}
