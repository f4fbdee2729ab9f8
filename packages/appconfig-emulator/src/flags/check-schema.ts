import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import { AwsError, type InvalidConfigurationDetail, invalidConfiguration } from '../protocol/aws-error.ts';

/** JSON Schema "version 4.X", which the user guide requires of inline schemas. */
const DRAFT = '4';

/**
 * Runs a `JSON_SCHEMA` validator on a configuration.
 * @throws {AwsError} BadRequestException with `Reason: InvalidConfiguration` and every location.
 */
export function checkAgainstSchema(schemaText: string, content: Buffer): void {
  const schema = parseSchema(schemaText);
  let configuration: unknown;
  try {
    configuration = JSON.parse(content.toString('utf8'));
  } catch {
    throw invalidConfiguration([
      {
        Type: 'PARSE_ERROR',
        Location: '',
        Reason: 'the content must be JSON: the profile has a JSON_SCHEMA validator',
      },
    ]);
  }
  const problems = run(schema, configuration);
  if (problems.length > 0) throw invalidConfiguration(problems);
}

/** @throws {AwsError} BadRequestException when the text of a `JSON_SCHEMA` validator is not a JSON object. */
export function parseSchema(schemaText: string): Schema {
  try {
    const schema: unknown = JSON.parse(schemaText);
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as Schema;
  } catch {
    // Reported below, like JSON that is not an object.
  }
  throw new AwsError('BadRequestException', 'Validators: the content of a JSON_SCHEMA validator must be a JSON object');
}

function run(schema: Schema, configuration: unknown): InvalidConfigurationDetail[] {
  try {
    const { valid, errors } = new Validator(schema, DRAFT, false).validate(configuration);
    return valid ? [] : errors.filter(isLeaf).map(fromUnit);
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : 'unknown reason').split('\n', 1);
    return [{ Type: 'INVALID_SCHEMA', Location: '', Reason: `the schema cannot be applied: ${why}` }];
  }
}

/** Whether a unit is a leaf: the validator also reports each step above it, `properties` above `properties/a/type`. */
function isLeaf(unit: OutputUnit, _index: number, all: OutputUnit[]): boolean {
  return !all.some(({ keywordLocation }) => keywordLocation.startsWith(`${unit.keywordLocation}/`));
}

function fromUnit({ instanceLocation, keyword, error }: OutputUnit): InvalidConfigurationDetail {
  return {
    Type: 'INVALID_CONFIGURATION',
    Location: instanceLocation.replace(/^#/, ''),
    Constraint: keyword,
    Reason: error,
  };
}
