import { AwsError } from '../protocol/aws-error.ts';
import { applicationAt, deploymentAt, environmentAt, notFound, profileAt, strategyAt } from './lookup.ts';
import type { Store } from './store.ts';

const ARN =
  /^arn:aws[a-zA-Z-]*:appconfig:[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:([a-z]+\/[a-zA-Z0-9.]+(?:\/[a-z]+\/[a-zA-Z0-9]+)*)$/;

/**
 * Returns the part of an ARN that names a resource of this emulator; any region and account will do.
 * @throws {AwsError} BadRequestException when it is not an AppConfig ARN, ResourceNotFoundException when it names nothing.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappconfig.html
 */
export function resourceNameOf(store: Store, arn: string): string {
  const name = ARN.exec(arn)?.[1];
  if (name === undefined)
    throw new AwsError('BadRequestException', 'ResourceArn: must be the ARN of an AppConfig resource');
  const [kind, id = '', childKind, child = '', grandchildKind, grandchild = '', ...rest] = name.split('/');
  const path = [kind, childKind, grandchildKind].filter((part) => part !== undefined).join('/');
  if (rest.length > 0) notFound('Resource', arn);
  switch (path) {
    case 'application':
      applicationAt(store, { applicationId: id });
      return name;
    case 'deploymentstrategy':
      strategyAt(store, { strategyId: id });
      return name;
    case 'application/environment':
      environmentAt(store, { applicationId: id, environmentId: child });
      return name;
    case 'application/configurationprofile':
      profileAt(store, { applicationId: id, profileId: child });
      return name;
    case 'application/environment/deployment':
      deploymentAt(environmentAt(store, { applicationId: id, environmentId: child }), { number: grandchild });
      return name;
    default:
      return notFound('Resource', arn);
  }
}
