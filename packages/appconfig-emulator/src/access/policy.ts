/** An IAM policy document, as far as the emulator evaluates it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

/** Without `Condition`, `NotAction`, `NotResource` and policy variables: the emulator refuses a policy that has them. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const KNOWN: ReadonlySet<string> = new Set(['Sid', 'Effect', 'Action', 'Resource']);

/** @throws {RangeError} for what would be evaluated differently from AWS. */
export function checkPolicy(document: PolicyDocument): void {
  for (const statement of statementsOf(document)) {
    const unknown = Object.keys(statement).filter((key) => !KNOWN.has(key));
    if (unknown.length > 0) throw new RangeError(`the emulator does not evaluate ${unknown.join(', ')} of a policy`);
    if (listOf(statement.Resource).some((resource) => resource.includes('${')))
      throw new RangeError('the emulator does not evaluate variables of a policy');
  }
}

/** Whether policies allow an action on each of its resources: by default they do not, and a `Deny` wins. */
export function isAllowed(documents: readonly PolicyDocument[], action: string, resources: readonly string[]): boolean {
  const statements = documents.flatMap(statementsOf).filter(({ Action }) => listOf(Action).some(matches(action, 'i')));
  return resources.every((resource) => {
    const applying = statements.filter(({ Resource }) => listOf(Resource).some(matches(resource, '')));
    return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
  });
}

function statementsOf({ Statement }: PolicyDocument): readonly PolicyStatement[] {
  return Array.isArray(Statement) ? Statement : [Statement as PolicyStatement];
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** `*` is any text, `?` any character. */
function matches(text: string, flags: string): (pattern: string) => boolean {
  return (pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${escaped}$`, flags).test(text);
  };
}
