/** The ARN of one method: `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`. */
const METHOD_ARN = /^(?<stage>arn:[^:]+:execute-api:[^:/]*:[^:/]*:[^:/]+\/[^/]+)\/(?<route>[^/]+\/.*)$/s;

/** A statement of an IAM policy about methods of an API. */
export interface PolicyStatement {
  readonly Action: 'execute-api:Invoke';
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: string | string[];
}

export function statement(Effect: PolicyStatement['Effect'], Resource: PolicyStatement['Resource']): PolicyStatement {
  return { Action: 'execute-api:Invoke', Effect, Resource };
}

/** The part of a method's ARN after its stage: `GET/orders/1`. */
export function routeOf(methodArn: string): string {
  return METHOD_ARN.exec(methodArn)?.groups?.['route'] ?? '';
}

/**
 * Other methods of the stage that a method belongs to.
 * @param pattern - such as `GET/orders/*`, where `*` stands for any characters, slashes included.
 */
export function stageResource(methodArn: string, pattern: string): string {
  const stage = METHOD_ARN.exec(methodArn)?.groups?.['stage'];
  return stage === undefined ? methodArn : `${stage}/${pattern}`;
}
