import type { FastifyInstance, HTTPMethods } from 'fastify';
import { AwsError } from './aws-error.ts';

const RUN = '/applications/:application/experimentdefinitions/:definition/experimentruns';
const DEFINITION = '/applications/:application/experimentdefinitions/:definition';

const EXTENSIONS = 'an extension is Lambda, SQS, SNS or EventBridge: nothing here can run one';
const EXPERIMENTS = 'experiments need the AppConfig Agent and metrics, which are not here';
const RETIRED = 'it is retired: call StartConfigurationSession and GetLatestConfiguration';

/** The operations of AWS that are not here, and why. Those that are in no list are not AWS's either. */
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

/** Answers what AWS knows and this emulator does not: 501, the operation's name and the reason, in place of a riddle. */
export function unsupportedRoutes(server: FastifyInstance): void {
  for (const [operation, method, url, why] of UNSUPPORTED) {
    server.route({
      method,
      url,
      handler() {
        throw new AwsError('NotImplementedException', `this emulator does not have ${operation}: ${why}`, {
          Operation: operation,
        });
      },
    });
  }
}
