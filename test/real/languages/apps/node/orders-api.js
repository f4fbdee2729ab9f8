import { createServer } from 'node:http';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

const { ISSUER = '', AUDIENCES = '', FLAGS = '', PORT } = process.env;
/** Both during the migration, in any order; the target alone after it. */
const audience = AUDIENCES.split(' ');
const keys = createRemoteJWKSet(new URL(`${ISSUER}/jwks`));

createServer(async (request, response) => {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return respond(response, 401, 'Bearer');
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience,
      algorithms: ['ES256'],
      requiredClaims: ['exp'],
      clockTolerance: 5,
    });
    const scopes = String(payload['scope'] ?? '').split(' ');
    if (!scopes.includes('orders:read')) return respond(response, 403, 'Bearer error="insufficient_scope"');
    const isDashboard = request.url === '/dashboard';
    if (isDashboard && !(await hasAccess(payload['roles'] ?? [], 'beta-tester', 'new-dashboard')))
      return respond(response, 404);
    return response.writeHead(200, { 'content-type': 'application/json' }).end('{"orders":[]}');
  } catch (error) {
    // No keys: the caller is not at fault.
    const isOfToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
    return isOfToken ? respond(response, 401, 'Bearer error="invalid_token"') : respond(response, 503);
  }
}).listen(Number(PORT), '127.0.0.1');

/** A feature is public, or it is in beta and the token has the role. FLAGS: the URL of an AppConfig Agent's configuration. */
async function hasAccess(roles, role, feature) {
  const flags = await fetch(FLAGS)
    .then((response) => (response.ok ? response.json() : {}))
    .catch(() => ({}));
  const isOn = (name) => flags[name]?.enabled === true;
  return isOn(`${feature}-public`) || (isOn(`${feature}-beta`) && roles.includes(role));
}

function respond(response, status, challenge) {
  response.writeHead(status, challenge === undefined ? {} : { 'www-authenticate': challenge }).end();
}
