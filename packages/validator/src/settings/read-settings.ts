import { ConfigError, parseDurationMs } from '@crossfade/core';
import { schemaProblems } from '@crossfade/core/schema';
import { dpopSettings } from '../dpop/dpop-options.ts';
import { introspectionSettings } from '../introspection/introspection-options.ts';
import type { KeySource } from '../keys/open-issuer-keys.ts';
import type { SideSettings } from '../policy/side-settings.ts';
import { type CheckedSide, optionProblems, optionsSchema } from './options-schema.ts';
import type { IssuerSettings, ValidatorSettings } from './validator-settings.ts';

/**
 * Checks the options of a validator and fills in the defaults.
 * @throws {@link ConfigError} with every problem.
 */
export function readSettings(options: unknown): ValidatorSettings {
  const parsed = optionsSchema.safeParse(options);
  const problems = [...(parsed.success ? [] : schemaProblems(parsed.error, optionsSchema)), ...optionProblems(options)];
  if (!parsed.success || problems.length > 0) throw new ConfigError('validator', problems);
  const { legacy, target, clients, acceptance, clockTolerance, maxTokenBytes, cache, dpop, now } = parsed.data;
  const { keyRefresh, keyStore, isRevoked, exchange, brownout, onBrownoutStopped } = parsed.data;
  const sides = target === undefined ? [legacy] : [legacy, target];
  return {
    legacy: sideSettings(legacy, sides),
    target: target === undefined ? undefined : sideSettings(target, sides),
    issuers: issuersOf(legacy, target),
    introspection: introspectionSettings(legacy, target),
    exchange,
    acceptance: typeof acceptance === 'function' ? acceptance : () => acceptance,
    clientIds: new Set([
      ...(clients ?? []),
      ...sides.flatMap((side) => [...(side.allowedClients ?? []), ...(side.clientIds ?? [])]),
    ]),
    clientsAreKnown: clients !== undefined,
    clockToleranceSeconds: (parseDurationMs(clockTolerance) ?? 0) / 1000,
    maxTokenBytes,
    cache,
    keyRefresh: { ...keyRefresh, store: keyStore },
    dpop: dpopSettings(dpop, now),
    isRevoked,
    brownout,
    onBrownoutStopped,
    now,
  };
}

function sideSettings(side: CheckedSide, sides: readonly CheckedSide[]): SideSettings {
  const { issuer, audience, clientIds, withoutAudience, anyAudience, typ, allowedClients, senderConstrained } = side;
  const { requiredScope, rolesClaim, foreignAudiences } = side;
  const siblings = sides.filter((other) => shareIssuer(side, other)).flatMap((other) => namesIn(other.audience));
  return {
    issuer: namesIn(issuer)[0] as string,
    identity: { issuer: namesIn(issuer), audience, clientIds, withoutAudience, anyAudience },
    ...(typ === undefined ? {} : { typ }),
    ...(allowedClients === undefined ? {} : { allowedClients: new Set(allowedClients) }),
    ...(senderConstrained === undefined ? {} : { senderConstrained }),
    ...(rolesClaim === undefined ? {} : { rolesClaim: [rolesClaim].flat() }),
    algorithms: new Set(side.algorithms),
    takesOpaque: side.introspection !== undefined,
    requiredScope,
    claims: Object.entries(side.claims),
    toleratedAudiences:
      foreignAudiences === undefined
        ? 'any'
        : new Set([...siblings, ...(foreignAudiences === 'refuse' ? [] : foreignAudiences)]),
  };
}

/** The issuers of both sides. Sides that share a spelling share the issuer, and its keys. */
function issuersOf(legacy: CheckedSide, target: CheckedSide | undefined): readonly IssuerSettings[] {
  if (target === undefined) return [issuerSettings([legacy])];
  // The target's spelling comes first: a migration may leave an issuer's old name behind.
  return shareIssuer(legacy, target)
    ? [issuerSettings([target, legacy])]
    : [issuerSettings([target]), issuerSettings([legacy])];
}

function issuerSettings(sides: readonly CheckedSide[]): IssuerSettings {
  return {
    names: [...new Set(sides.flatMap(({ issuer }) => namesIn(issuer)))],
    keys: keySource(sides.find(({ keys }) => keys !== undefined)?.keys),
    algorithms: new Set(sides.flatMap((side) => side.algorithms)),
  };
}

function keySource(keys: CheckedSide['keys']): KeySource {
  if (keys === undefined) return 'metadata';
  if (typeof keys === 'string') return new URL(keys);
  return 'keys' in keys ? keys : new URL(keys.url);
}

function shareIssuer(one: CheckedSide, other: CheckedSide): boolean {
  const names = namesIn(other.issuer);
  return namesIn(one.issuer).some((name) => names.includes(name));
}

function namesIn(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined ? [] : [given].flat();
}
