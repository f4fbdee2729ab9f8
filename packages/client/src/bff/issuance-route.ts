import { createHash } from 'node:crypto';
import { publishedIssuanceSchema } from '@crossfade/core/status';
import type { BffOptions } from './bff.ts';
import type { BffRoute } from './bff-context.ts';
import { problem } from './http/responses.ts';

/**
 * `GET <prefix>/issuance`: the position of the switch for browsers and phones. Public, the same for all, and no secret: it
 * says which share of logins gets the target side.
 */
export function createIssuanceRoute(issuance: NonNullable<BffOptions['issuance']>): BffRoute {
  return async (request) => {
    const position = read(issuance);
    if (position === undefined) {
      const title = 'The issuance switch cannot be read';
      return problem(503, { code: 'unavailable', title, headers: { 'retry-after': '5' } });
    }
    const body = JSON.stringify(position);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { etag, 'cache-control': 'no-cache', 'access-control-allow-origin': '*' };
    if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
    return new Response(body, {
      headers: { ...headers, 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
    });
  };
}

function read(issuance: NonNullable<BffOptions['issuance']>): unknown {
  try {
    const position = issuance();
    const parsed = publishedIssuanceSchema.safeParse({ ...position, stale: position.stale ?? false });
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** @see RFC 9110 §13.1.2 */
function isKnown(header: string | null, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
