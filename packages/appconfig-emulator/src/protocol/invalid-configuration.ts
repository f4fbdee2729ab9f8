import { AwsError } from './aws-error.ts';

/** One thing that is wrong with a configuration, in the shape of the API model. */
export interface InvalidConfigurationDetail {
  readonly Type: string;
  /** Where, as a JSON pointer. */
  readonly Location: string;
  readonly Reason: string;
  readonly Constraint?: string;
}

/** The answer to a configuration that is not what its profile asks for: `Reason: InvalidConfiguration` and every place. */
export function invalidConfiguration(details: readonly InvalidConfigurationDetail[]): AwsError {
  const where = details.map(({ Location, Reason }) => `${Location || '/'}: ${Reason}`).join('; ');
  return new AwsError('BadRequestException', `the configuration is not valid: ${where}`, {
    Reason: 'InvalidConfiguration',
    Details: { InvalidConfiguration: details },
  });
}
