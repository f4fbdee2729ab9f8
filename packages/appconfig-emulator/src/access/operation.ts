/** What IAM authorizes a request as: the action, and templates of the resources that it needs. */
export interface Operation {
  readonly action: string;
  /** Below `arn:aws:appconfig:<region>:<account>:`; `*` where AWS knows no resource for the action. */
  readonly resources: readonly string[];
}

const APPLICATION = 'application/:applicationId';
const ENVIRONMENT = `${APPLICATION}/environment/:environmentId`;
const DEPLOYMENT = `${ENVIRONMENT}/deployment/:number`;
const PROFILE = `${APPLICATION}/configurationprofile/:profileId`;
const VERSION = `${PROFILE}/hostedconfigurationversion/:number`;
const STRATEGY = 'deploymentstrategy/:strategyId';
const CONFIGURATION = `${ENVIRONMENT}/configuration/:profileId`;

/**
 * By method and route; the resources are those that the service authorization reference requires.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappconfig.html
 */
const OPERATIONS: Readonly<Record<string, readonly [action: string, ...resources: readonly string[]]>> = {
  'POST /applications': ['CreateApplication'],
  'GET /applications': ['ListApplications'],
  'GET /applications/:applicationId': ['GetApplication', APPLICATION],
  'PATCH /applications/:applicationId': ['UpdateApplication', APPLICATION],
  'DELETE /applications/:applicationId': ['DeleteApplication', APPLICATION],
  'POST /applications/:applicationId/environments': ['CreateEnvironment', APPLICATION],
  'GET /applications/:applicationId/environments': ['ListEnvironments', APPLICATION],
  'GET /applications/:applicationId/environments/:environmentId': ['GetEnvironment', APPLICATION, ENVIRONMENT],
  'PATCH /applications/:applicationId/environments/:environmentId': ['UpdateEnvironment', APPLICATION, ENVIRONMENT],
  'DELETE /applications/:applicationId/environments/:environmentId': ['DeleteEnvironment', APPLICATION, ENVIRONMENT],
  'POST /applications/:applicationId/configurationprofiles': ['CreateConfigurationProfile', APPLICATION],
  'GET /applications/:applicationId/configurationprofiles': ['ListConfigurationProfiles', APPLICATION],
  'GET /applications/:applicationId/configurationprofiles/:profileId': [
    'GetConfigurationProfile',
    APPLICATION,
    PROFILE,
  ],
  'PATCH /applications/:applicationId/configurationprofiles/:profileId': [
    'UpdateConfigurationProfile',
    APPLICATION,
    PROFILE,
  ],
  'DELETE /applications/:applicationId/configurationprofiles/:profileId': [
    'DeleteConfigurationProfile',
    APPLICATION,
    PROFILE,
  ],
  'POST /applications/:applicationId/configurationprofiles/:profileId/validators': [
    'ValidateConfiguration',
    APPLICATION,
    PROFILE,
  ],
  'POST /applications/:applicationId/configurationprofiles/:profileId/hostedconfigurationversions': [
    'CreateHostedConfigurationVersion',
    APPLICATION,
    PROFILE,
  ],
  'GET /applications/:applicationId/configurationprofiles/:profileId/hostedconfigurationversions': [
    'ListHostedConfigurationVersions',
    APPLICATION,
    PROFILE,
  ],
  'GET /applications/:applicationId/configurationprofiles/:profileId/hostedconfigurationversions/:number': [
    'GetHostedConfigurationVersion',
    APPLICATION,
    PROFILE,
    VERSION,
  ],
  'DELETE /applications/:applicationId/configurationprofiles/:profileId/hostedconfigurationversions/:number': [
    'DeleteHostedConfigurationVersion',
    APPLICATION,
    PROFILE,
    VERSION,
  ],
  'POST /applications/:applicationId/environments/:environmentId/deployments': [
    'StartDeployment',
    APPLICATION,
    ENVIRONMENT,
    PROFILE,
    STRATEGY,
  ],
  'GET /applications/:applicationId/environments/:environmentId/deployments': [
    'ListDeployments',
    APPLICATION,
    ENVIRONMENT,
  ],
  'GET /applications/:applicationId/environments/:environmentId/deployments/:number': [
    'GetDeployment',
    APPLICATION,
    ENVIRONMENT,
    DEPLOYMENT,
  ],
  'DELETE /applications/:applicationId/environments/:environmentId/deployments/:number': [
    'StopDeployment',
    APPLICATION,
    ENVIRONMENT,
    DEPLOYMENT,
  ],
  'POST /deploymentstrategies': ['CreateDeploymentStrategy'],
  'GET /deploymentstrategies': ['ListDeploymentStrategies'],
  'GET /deploymentstrategies/:strategyId': ['GetDeploymentStrategy', STRATEGY],
  'PATCH /deploymentstrategies/:strategyId': ['UpdateDeploymentStrategy', STRATEGY],
  // As AWS spells it.
  'DELETE /deployementstrategies/:strategyId': ['DeleteDeploymentStrategy', STRATEGY],
  'POST /configurationsessions': ['StartConfigurationSession', CONFIGURATION],
  'GET /configuration': ['GetLatestConfiguration', CONFIGURATION],
};

/** `undefined` for the others: settings, tags, and what is not emulated. */
export function operationOf(method: string, route: string | undefined): Operation | undefined {
  const [action, ...resources] = OPERATIONS[`${method} ${route}`] ?? [];
  if (action === undefined) return undefined;
  return { action: `appconfig:${action}`, resources: resources.length === 0 ? ['*'] : resources };
}
