import { checkFlagSet } from '../flags/check-flag-set.ts';
import { checkAgainstSchema } from '../flags/check-schema.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { MAX_CONTENT_KIBIBYTES } from '../store/quota.ts';
import { type ConfigurationProfile, FEATURE_FLAGS, type HostedVersion } from '../store/store.ts';

export interface NewVersion extends Omit<HostedVersion, 'number'> {
  /** The version the writer believes to be the latest: the optimistic lock. */
  readonly latestVersionNumber?: number | undefined;
}

/** @throws {AwsError} ConflictException when the lock or the label is taken, BadRequestException on bad content. */
export function createVersion(
  profile: ConfigurationProfile,
  { latestVersionNumber, ...given }: NewVersion,
): HostedVersion {
  if (given.content.length > MAX_CONTENT_KIBIBYTES * 1024) throw tooLarge(given.content.length);
  if (latestVersionNumber !== undefined && latestVersionNumber !== profile.latestVersionNumber) {
    throw new AwsError(
      'ConflictException',
      `the latest version number is ${profile.latestVersionNumber}, not ${latestVersionNumber}`,
    );
  }
  if (given.label !== undefined && [...profile.versions.values()].some(({ label }) => label === given.label)) {
    throw new AwsError('ConflictException', `another version has the label ${given.label}`);
  }
  checkContent(profile, given.content);
  profile.latestVersionNumber += 1;
  const version = { number: profile.latestVersionNumber, ...given };
  profile.versions.set(version.number, version);
  return version;
}

/**
 * Validates content as AWS does before a deployment: the profile's own checks and its `JSON_SCHEMA` validators.
 * `LAMBDA` validators are not run.
 * @throws {AwsError} BadRequestException with `Reason: InvalidConfiguration`.
 */
export function validateContent(profile: ConfigurationProfile, content: Buffer): void {
  checkContent(profile, content);
  for (const { Type, Content } of profile.validators) if (Type === 'JSON_SCHEMA') checkAgainstSchema(Content, content);
}

function checkContent(profile: ConfigurationProfile, content: Buffer): void {
  if (content.length === 0) throw new AwsError('BadRequestException', 'Content: must not be empty');
  if (profile.type === FEATURE_FLAGS) checkFlagSet(content);
}

/** The error for a configuration that exceeds the size limit. */
export function tooLarge(bytes: number): AwsError {
  return new AwsError('PayloadTooLargeException', `the configuration is larger than ${MAX_CONTENT_KIBIBYTES} KB`, {
    Measure: 'KILOBYTES',
    Limit: MAX_CONTENT_KIBIBYTES,
    Size: Math.ceil(bytes / 1024),
  });
}
