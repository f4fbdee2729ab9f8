import { AwsError } from './aws-error.ts';

/**
 * Requires a version 4 signature and checks its form only: any credentials do.
 * @throws {AwsError} 403, as AWS returns for a request without a signature or with a malformed one.
 * @see https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/CommonErrors.html
 */
export function checkAuthorization(authorization: string | undefined): void {
  if (authorization === undefined)
    throw new AwsError(
      'MissingAuthenticationTokenException',
      'Missing Authentication Token: the request is not signed. Any credentials do, as of the AWS SDK or CLI, or curl --aws-sigv4',
    );
  const isSigned = /^AWS4-HMAC-SHA256 /.test(authorization);
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter(
    (part) => !new RegExp(`[ ,]${part}=[^, ]`).test(authorization),
  );
  if (!isSigned || missing.length > 0)
    throw new AwsError(
      'IncompleteSignatureException',
      `Authorization must be AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}`,
    );
}
