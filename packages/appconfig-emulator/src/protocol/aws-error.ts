/**
 * The exceptions of both planes' API models and those every AWS service has, and the HTTP status of each.
 * `NotImplementedException` is the emulator's own.
 */
const STATUS = {
  BadRequestException: 400,
  ServiceQuotaExceededException: 402,
  IncompleteSignatureException: 403,
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

/** An error answer as AWS gives it. `members` are the members of the exception beside `Message`. */
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
