import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEPENDENCIES, REJECTION_REASONS, UNVERIFIED_REASONS } from '@crossfade/core';
import { rejectionResponse } from '@crossfade/validator';
import { globSync } from 'tinyglobby';
import { code, codes, commentText, pageHead, plain, table } from './markdown.ts';

const packages = join(import.meta.dirname, '../../packages');

const INTRO = `What can go wrong, by who must act. No message, log line, metric or enumerable property holds a token, a claim value or a secret. What
each verb does while something is broken: [faults](../faults.md). Exit codes: [the verbs](cli.md#exit-codes).`;

const CLASSES = `## Errors that are thrown

Each has a stable \`code\`; with \`--json\` the CLI prints it as \`error.code\`. Classes of core are exported by \`@crossfade/core/errors\`, too.
\`createX\` functions throw \`ConfigError\` alone, with all problems at once. Any other error is a defect: the CLI says \`defect\`.
`;

const REASONS = `## Why a token was rejected

The list is closed: dashboards and alerts depend on it. \`validator.judge\` returns the reason, and never throws for a bad token;
\`validate\` throws \`TokenRejectedError\` with it. Responses are \`application/problem+json\` (RFC 9457) with \`reason\`, and have a challenge (RFC
6750; RFC 9449 for DPoP). A wrong audience is 401, not 403: clients refresh on 401. The requests of a token that cannot be judged,
because something else is unavailable, get 503 with \`Retry-After\`, never 401, and count by cause: ${codes(DEPENDENCIES)}.
`;

const UNVERIFIED = `
A token that is rejected for one of these is not verified, so that it proves nothing about who sent it: ${codes(UNVERIFIED_REASONS)}. What
to do where an API takes a token that is rejected here: [disagreements](../../runbooks/disagreements.md).
`;

/** The page of every error and of every reason. */
export function errorsPage(): string {
  return [
    pageHead('Errors', 'the error classes and the rejection reasons', INTRO),
    CLASSES,
    table(['error', '`code`', 'package', 'when', 'what to do'], errorClasses()),
    '',
    REASONS,
    table(['reason', 'response', 'what is wrong', 'who mends it'], reasons()),
    UNVERIFIED,
  ].join('\n');
}

const SUBJECT = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class (\w+Error) extends CrossfadeError \{([\s\S]*?)\n\}/g;

/** Every error class that a package throws, by its doc comment. */
function errorClasses(): readonly (readonly string[])[] {
  return globSync('*/src/**/*.ts', { cwd: packages })
    .sort()
    .flatMap((path) =>
      [...readFileSync(join(packages, path), 'utf8').matchAll(SUBJECT)].map(
        ([, comment = '', name = '', body = '']) => {
          const [when = '', remedy = ''] = commentText(comment).split(' @remarks ');
          const [, stable = ''] = /super\(\s*'(\w+)'/.exec(body) ?? [];
          return [code(name), code(stable), path.split('/')[0] ?? '', plain(when), plain(remedy)];
        },
      ),
    );
}

/** Every reason by what the validator responds, and by the comment in the code. */
function reasons(): readonly (readonly string[])[] {
  const source = readFileSync(join(packages, 'core/src/vocabulary/rejection-reason.ts'), 'utf8');
  const remedies = new Map(
    [...source.matchAll(/\/\*\* (.*) \*\/\n {2}'(\w+)',/g)].map(
      ([, text = '', reason = '']) => [reason, text] as const,
    ),
  );
  return REJECTION_REASONS.map((reason) => {
    const { status, headers, body } = rejectionResponse({ outcome: 'rejected', audience: 'invalid', reason });
    const [, error = 'no error'] = /error="(\w+)"/.exec(headers['www-authenticate'] ?? '') ?? [];
    const { detail } = JSON.parse(body) as { readonly detail: string };
    return [
      code(reason),
      `${status} ${error === 'no error' ? error : code(error)}`,
      detail,
      remedies.get(reason) ?? '',
    ];
  });
}
