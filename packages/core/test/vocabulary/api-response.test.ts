import { expect, it } from 'vitest';
import {
  type ApiResponse,
  type ApiVerdict,
  isGrpc,
  readApiResponse,
  sideOfValidToken,
} from '../../src/vocabulary/api-response.ts';

const grpc = (status: number, grpcStatus?: string, contentType = 'application/grpc'): ApiResponse => ({
  status,
  contentType,
  grpcStatus,
});
const unauthorized = (wwwAuthenticate: string): ApiResponse => ({ status: 401, wwwAuthenticate });
const forbidden = (wwwAuthenticate?: string): ApiResponse => ({ status: 403, wwwAuthenticate });

it.each<[string, ApiResponse, ApiVerdict]>([
  ['200', { status: 200 }, 'taken'],
  ['200 with a media type', { status: 200, contentType: 'application/json' }, 'taken'],
  ['201', { status: 201 }, 'taken'],
  ['204', { status: 204 }, 'taken'],
  ['206', { status: 206 }, 'taken'],
  ['299', { status: 299 }, 'taken'],
  ['101', { status: 101 }, 'taken'],
  ['401', { status: 401 }, 'refused'],
  ['401 of a gRPC API', grpc(401), 'refused'],
  [
    '401 for a DPoP proof that is wrong',
    { status: 401, wwwAuthenticate: 'DPoP error="invalid_dpop_proof"' },
    'unclear',
  ],
  [
    '401 for a login that is too old',
    { status: 401, wwwAuthenticate: 'Bearer error="insufficient_user_authentication", max_age="60"' },
    'unclear',
  ],
  ['401 for a DPoP nonce', { status: 401, wwwAuthenticate: 'DPoP algs="ES256", error="use_dpop_nonce"' }, 'unclear'],
  ['403 for a DPoP nonce', { status: 403, wwwAuthenticate: 'DPoP error="use_dpop_nonce"' }, 'unclear'],
  ['a redirect to a login', { status: 302 }, 'unclear'],
  ['304', { status: 304 }, 'unclear'],
  ['400', { status: 400, wwwAuthenticate: 'Bearer error="invalid_token"' }, 'unclear'],
  ['404', { status: 404 }, 'unclear'],
  ['407', { status: 407 }, 'unclear'],
  ['429', { status: 429 }, 'unclear'],
  ['500', { status: 500 }, 'unclear'],
  ['503', { status: 503 }, 'unclear'],
  ['gRPC status 0', grpc(200, '0'), 'taken'],
  ['gRPC status 0 with a codec', grpc(200, '0', 'application/grpc+proto'), 'taken'],
  ['gRPC status 0 in other letters', grpc(200, ' 0 ', ' Application/gRPC; charset=x'), 'taken'],
  ['gRPC status 16', grpc(200, '16'), 'refused'],
  ['gRPC status 7', grpc(200, '7'), 'unclear'],
  ['gRPC status 5', grpc(200, '5'), 'unclear'],
  ['a gRPC status that is no number', grpc(200, 'OK'), 'unclear'],
  ['a gRPC response that was cut off', grpc(200), 'unclear'],
  ['gRPC-Web with its trailers in the body', grpc(200, undefined, 'application/grpc-web+proto'), 'unclear'],
  ['gRPC-Web with its status in a header', grpc(200, '16', 'application/grpc-web-text'), 'refused'],
  ['a gRPC status beside another media type', { status: 200, contentType: 'text/html', grpcStatus: '16' }, 'taken'],
  ['gRPC status 0 in a redirect', grpc(302, '0'), 'unclear'],
  ['403', forbidden(), 'unclear'],
  ['403 with a bare challenge', forbidden('Bearer realm="api"'), 'unclear'],
  ['403 for a missing scope', forbidden('Bearer error="insufficient_scope", scope="orders:read"'), 'unclear'],
  ['403 with invalid_token', forbidden('Bearer realm="api", error="invalid_token"'), 'refused'],
  ['403 with invalid_token as a token', forbidden('Bearer ERROR = invalid_token, realm=api'), 'refused'],
  [
    '403 with invalid_token in the second challenge',
    forbidden('Basic realm="a", DPoP error="invalid_token"'),
    'refused',
  ],
  ['403 with invalid_token in a description', forbidden('Bearer error_description="error=invalid_token"'), 'unclear'],
  ['403 with invalid_token behind an escape', forbidden('Bearer d="\\" error=\\"invalid_token", error="x"'), 'unclear'],
  ['403 with another name', forbidden('Bearer x_error="invalid_token"'), 'unclear'],
  ['403 with a longer value', forbidden('Bearer error="invalid_token_type"'), 'unclear'],
  ['401 of a brownout', unauthorized('Bearer error="invalid_token", reason="brownout"'), 'unclear'],
  ['401 with another reason', unauthorized('Bearer error="invalid_token", reason="brownouts"'), 'refused'],
  ['401 with a brownout in a description', unauthorized('Bearer error_description="reason=brownout"'), 'refused'],
  ['403 with a long challenge', forbidden('a'.repeat(65_536)), 'unclear'],
])('reads %s: %o is %s', (_case, response, verdict) => {
  expect(readApiResponse(response)).toBe(verdict);
});

it('takes gRPC-Web for gRPC, and nothing else', () => {
  expect(['application/grpc', 'application/grpc-web', 'application/json', undefined].map(isGrpc)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('finds the side of a token that is accepted for it alone, or refused for the close alone', () => {
  expect(sideOfValidToken({ outcome: 'accepted', audience: 'legacy' })).toBe('legacy');
  expect(sideOfValidToken({ outcome: 'accepted', audience: 'target' })).toBe('target');
  expect(sideOfValidToken({ outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' })).toBe('legacy');
  expect(sideOfValidToken({ outcome: 'rejected', audience: 'legacy', reason: 'wrong_type' })).toBeUndefined();
  expect(sideOfValidToken({ outcome: 'accepted', audience: 'bridge' })).toBeUndefined();
});
