import { ConfigError, parseDurationMs } from '@crossfade/core';
import { schemaProblems } from '@crossfade/core/schema';
import { dpopSettings } from '../dpop/dpop-options.ts';
import { introspectionSettings } from '../introspection/introspection-options.ts';
import type { SideSettings } from '../policy/side-settings.ts';
import { type CheckedSide, optionsSchema } from './options-schema.ts';
import type { IssuerSettings, ValidatorSettings } from './validator-settings.ts';

/**
 * Checks the options of a validator and fills in the defaults.
 * @throws {@link ConfigError} with every problem.
 */
export function readSettings(options: unknown): ValidatorSettings {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new ConfigError('validator', schemaProblems(parsed.error, optionsSchema));
  const { legacy, target, clients, acceptance, clockTolerance, maxTokenBytes, cache, dpop, now } = parsed.data;
  const { keyRefresh, keyStore } = parsed.data;
  const sides = target === undefined ? [legacy] : [legacy, target];
  return {
    legacy: sideSettings(legacy, sides),
    target: target === undefined ? undefined : sideSettings(target, sides),
    issuers: new Map(
      sides.map(({ issuer }) => [issuer, issuerSettings(sides.filter((side) => side.issuer === issuer))]),
    ),
    introspection: introspectionSettings(legacy, target),
    acceptance: typeof acceptance === 'function' ? acceptance : () => acceptance,
    clientIds: new Set([
      ...clients,
      ...sides.flatMap((side) => [...(side.allowedClients ?? []), ...(side.clientIds ?? [])]),
    ]),
    clockToleranceSeconds: (parseDurationMs(clockTolerance) ?? 0) / 1000,
    maxTokenBytes,
    cache,
    keyRefresh: { ...keyRefresh, store: keyStore },
    dpop: dpopSettings(dpop, now),
    now,
  };
}

function sideSettings(side: CheckedSide, sides: readonly CheckedSide[]): SideSettings {
  const { issuer, audience, clientIds, typ, allowedClients, requiredScope, senderConstrained, foreignAudiences } = side;
  const { rolesClaim } = side;
  const siblingAudiences = sides.filter((other) => other.issuer === issuer).flatMap((other) => other.audience ?? []);
  return {
    issuer,
    ...(audience === undefined ? {} : { audience }),
    ...(clientIds === undefined ? {} : { clientIds }),
    ...(typ === undefined ? {} : { typ }),
    ...(allowedClients === undefined ? {} : { allowedClients: new Set(allowedClients) }),
    ...(senderConstrained === undefined ? {} : { senderConstrained }),
    ...(rolesClaim === undefined ? {} : { rolesClaim: [rolesClaim].flat() }),
    algorithms: new Set(side.algorithms),
    takesOpaque: side.introspection !== undefined,
    requiredScope,
    claims: Object.entries(side.claims),
    toleratedAudiences: foreignAudiences === 'any' ? 'any' : new Set([...siblingAudiences, ...foreignAudiences]),
  };
}

/** The settings of one issuer: one key set for all of its sides. */
function issuerSettings(sides: readonly CheckedSide[]): IssuerSettings {
  return {
    keys: sides.find((side) => side.keys !== undefined)?.keys ?? 'metadata',
    algorithms: new Set(sides.flatMap((side) => side.algorithms)),
  };
}
