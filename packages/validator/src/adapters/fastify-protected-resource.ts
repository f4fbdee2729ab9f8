import { ConfigError } from '@crossfade/core';
import type { FastifyPluginAsync } from 'fastify';
import {
  createProtectedResourceResponse,
  type ProtectedResourceOptions,
} from '../guard/protected-resource-metadata.ts';

/**
 * Serves the metadata of the API at `/.well-known/oauth-protected-resource`, without a token. The path is fixed:
 * register it where there is no prefix.
 * @throws {@link ConfigError} when the options are wrong or there is a prefix.
 * @see RFC 9728 §3
 * @example
 * await app.register(protectedResource, { validator, resource: 'https://api.example.com/orders' });
 */
export const protectedResource: FastifyPluginAsync<ProtectedResourceOptions> = async (app, options) => {
  if (app.prefix !== '') {
    const message = 'must be absent: the metadata belongs at the root of the host';
    throw new ConfigError('protectedResource plugin', [{ path: 'prefix', message }]);
  }
  const { paths, headers, body } = createProtectedResourceResponse(options);
  for (const path of paths) {
    app.get(path, { config: { crossfade: { public: true } } }, async (_request, reply) =>
      reply.headers(headers).send(Buffer.from(body())),
    );
  }
};
