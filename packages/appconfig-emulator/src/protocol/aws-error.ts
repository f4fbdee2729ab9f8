/**
 * The exceptions of both planes' API models and those every AWS service has, and the HTTP status of each.
 * `NotImplementedException` is the emulator's own.
 */
const STATUS = {
  BadRequestException: 400,
  ServiceQuotaExceededException: 402,
  IncompleteSignatureException: 403,
  AccessDeniedException: 403,
  MissingAuthenticationTokenException: 403,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  ConflictException: 409,
  PayloadTooLargeException: 413,
  ThrottlingException: 429,
  InternalServerException: 500,
  NotImplementedException: 501,
} as const;
export type AwsErrorType = keyof typeof STATUS;

/** An error response in AWS's form. `members` are the members of the exception in addition to `Message`. */
export class AwsError extends Error {
  readonly type: AwsErrorType;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(type: AwsErrorType, message: string, members: Readonly<Record<string, unknown>> = {}, status?: number) {
    super(message);
    this.name = type;
    this.type = type;
    this.status = status ?? STATUS[type];
    this.members = members;
  }
}

/** One problem of a configuration, in the shape of the API model. */
export interface InvalidConfigurationDetail {
  readonly Type: string;
  /** A JSON pointer. */
  readonly Location: string;
  readonly Reason: string;
  readonly Constraint?: string;
}

/** The error for a configuration that its profile rejects: `Reason: InvalidConfiguration`, and every location. */
export function invalidConfiguration(details: readonly InvalidConfigurationDetail[]): AwsError {
  const where = details.map(({ Location, Reason }) => `${Location || '/'}: ${Reason}`).join('; ');
  return new AwsError('BadRequestException', `the configuration is not valid: ${where}`, {
    Reason: 'InvalidConfiguration',
    Details: { InvalidConfiguration: details },
  });
}
