import { AwsError } from '../protocol/aws-error.ts';
import type { Operation } from './operation.ts';
import { checkPolicy, isAllowed, type PolicyDocument } from './policy.ts';

/** One request to an operation of AWS, as IAM authorized it. */
export interface AuthorizedCall {
  readonly accessKeyId: string;
  /** Such as `appconfig:StartDeployment`. */
  readonly action: string;
  readonly resources: readonly string[];
  readonly isAllowed: boolean;
}

/** Who may do what. A key without policies may do everything. */
export interface AccessSwitches {
  /**
   * Gives an access key these policies, and nothing else; they replace those that it had.
   * @throws {RangeError} when a policy has what the emulator does not evaluate.
   */
  restrict(accessKeyId: string, policies: readonly PolicyDocument[]): void;
  /** Lets an access key do everything again. */
  release(accessKeyId: string): void;
  /** The calls of keys that have policies, oldest first. */
  calls(): readonly AuthorizedCall[];
}

/** {@link AccessSwitches}, plus the server's side. */
export interface AccessBoard extends AccessSwitches {
  /** Whether any key is restricted. */
  isOn(): boolean;
  /** @throws {AwsError} AccessDeniedException */
  authorize(authorization: string, operation: Operation | undefined, ids: Readonly<Record<string, string>>): void;
}

/** The account of every resource. */
const ACCOUNT = '111122223333';

export function createAccessBoard(): AccessBoard {
  const policies = new Map<string, readonly PolicyDocument[]>();
  const calls: AuthorizedCall[] = [];
  return {
    restrict(accessKeyId, documents) {
      for (const document of documents) checkPolicy(document);
      policies.set(accessKeyId, documents);
    },
    release: (accessKeyId) => void policies.delete(accessKeyId),
    calls: () => [...calls],
    isOn: () => policies.size > 0,
    authorize(authorization, operation, ids) {
      const [, accessKeyId = '', region = ''] = /Credential=([^/]+)\/[^/]*\/([^/]*)/.exec(authorization) ?? [];
      const documents = policies.get(accessKeyId);
      if (documents === undefined) return;
      const action = operation?.action ?? 'an action that the emulator does not authorize';
      const resources = (operation?.resources ?? ['*']).map((template) =>
        template === '*' ? '*' : `arn:aws:appconfig:${region}:${ACCOUNT}:${fill(template, ids)}`,
      );
      const allowed = operation !== undefined && isAllowed(documents, action, resources);
      calls.push({ accessKeyId, action, resources, isAllowed: allowed });
      if (allowed) return;
      const denied = resources.find((resource) => !isAllowed(documents, action, [resource])) ?? '*';
      throw new AwsError(
        'AccessDeniedException',
        `User: ${accessKeyId} is not authorized to perform: ${action} on resource: ${denied} because no identity-based policy allows the ${action} action`,
      );
    },
  };
}

function fill(template: string, ids: Readonly<Record<string, string>>): string {
  return template.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? '');
}
