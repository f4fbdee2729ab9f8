import type { FastifyInstance, HTTPMethods } from 'fastify';
import { AwsError } from '../protocol/aws-error.ts';

const RUN = '/applications/:application/experimentdefinitions/:definition/experimentruns';
const DEFINITION = '/applications/:application/experimentdefinitions/:definition';

const EXTENSIONS = 'extensions run on Lambda, SQS, SNS or EventBridge, which it does not emulate';
const EXPERIMENTS = 'experiments need the AppConfig Agent and metrics, which it does not emulate';
const RETIRED = 'it is retired: call StartConfigurationSession and GetLatestConfiguration';

/** The AWS operations that this emulator does not implement, and why. */
const UNSUPPORTED: readonly (readonly [operation: string, method: HTTPMethods, path: string, why: string])[] = [
  ['CreateExtension', 'POST', '/extensions', EXTENSIONS],
  ['ListExtensions', 'GET', '/extensions', EXTENSIONS],
  ['GetExtension', 'GET', '/extensions/:extension', EXTENSIONS],
  ['UpdateExtension', 'PATCH', '/extensions/:extension', EXTENSIONS],
  ['DeleteExtension', 'DELETE', '/extensions/:extension', EXTENSIONS],
  ['CreateExtensionAssociation', 'POST', '/extensionassociations', EXTENSIONS],
  ['ListExtensionAssociations', 'GET', '/extensionassociations', EXTENSIONS],
  ['GetExtensionAssociation', 'GET', '/extensionassociations/:association', EXTENSIONS],
  ['UpdateExtensionAssociation', 'PATCH', '/extensionassociations/:association', EXTENSIONS],
  ['DeleteExtensionAssociation', 'DELETE', '/extensionassociations/:association', EXTENSIONS],
  ['CreateExperimentDefinition', 'POST', '/applications/:application/experimentdefinitions', EXPERIMENTS],
  ['ListExperimentDefinitions', 'GET', '/experimentdefinitions', EXPERIMENTS],
  ['GetExperimentDefinition', 'GET', DEFINITION, EXPERIMENTS],
  ['UpdateExperimentDefinition', 'PATCH', DEFINITION, EXPERIMENTS],
  ['DeleteExperimentDefinition', 'DELETE', DEFINITION, EXPERIMENTS],
  ['StartExperimentRun', 'POST', RUN, EXPERIMENTS],
  ['ListExperimentRuns', 'GET', RUN, EXPERIMENTS],
  ['GetExperimentRun', 'GET', `${RUN}/:run`, EXPERIMENTS],
  ['StopExperimentRun', 'PATCH', `${RUN}/:run/stop`, EXPERIMENTS],
  ['UpdateExperimentRun', 'PATCH', `${RUN}/:run/update`, EXPERIMENTS],
  ['ListExperimentRunEvents', 'GET', `${RUN}/:run/events`, EXPERIMENTS],
  [
    'GetConfiguration',
    'GET',
    '/applications/:application/environments/:environment/configurations/:configuration',
    RETIRED,
  ],
];

/** Responds to operations that only AWS has with 501, the operation's name and the reason. */
export function unsupportedRoutes(server: FastifyInstance): void {
  for (const [operation, method, url, why] of UNSUPPORTED) {
    server.route({
      method,
      url,
      handler() {
        throw new AwsError('NotImplementedException', `this emulator does not implement ${operation}: ${why}`, {
          Operation: operation,
        });
      },
    });
  }
}
