import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, errorCode, UnavailableError } from '@crossfade/core';
import { MAX_TOKEN_BYTES } from '@crossfade/core/schema';
import { describeToken } from '@crossfade/validator/census';
import { type CensusRow, gatherCensus } from '../fleet/census.ts';
import { decodeToken, printableName } from '../probe/decode-token.ts';
import type { Invocation } from '../verb/verb.ts';
import type { InitOptions } from './init-options.ts';

/** What tokens say of themselves: from the census of sidecars, or from tokens that were pasted. Holds no token. */
export interface Evidence {
  readonly rows: readonly CensusRow[];
  /** The longest lifetime seen of each audience, in seconds. A census has none. */
  readonly lifetimes: ReadonlyMap<string, number>;
  /** What to tell the operator of it. */
  readonly notes: readonly string[];
}

const NOTHING: Evidence = { rows: [], lifetimes: new Map(), notes: [] };

/**
 * @throws `UnavailableError` when no sidecar of `--census` responds.
 * @throws `ConfigError` when `--tokens` holds no token.
 */
export async function gatherEvidence({ census, tokens }: InitOptions, invocation: Invocation): Promise<Evidence> {
  if (census.length > 0) return fromCensus(census, invocation);
  return tokens === undefined ? NOTHING : fromTokens(await readText(tokens, invocation));
}

async function fromCensus(urls: readonly string[], { env, signal }: Invocation): Promise<Evidence> {
  const { rows, missing } = await gatherCensus(urls, { env, signal });
  const failures = missing.map(({ meter, why }) => `${meter}: ${why}`);
  if (missing.length === urls.length)
    throw new UnavailableError(`no sidecar returned a census: ${failures.join('; ')}`);
  const notes = failures.map((failure) => `the census is partial: ${failure}`);
  return { rows, lifetimes: new Map(), notes };
}

async function readText(path: string, { cwd, input }: Invocation): Promise<string> {
  if (path === '-') return input();
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new ConfigError('init', [
      { path: '--tokens', message: `cannot be read (${errorCode(error) ?? 'unknown reason'})` },
    ]);
  }
}

function fromTokens(text: string): Evidence {
  const tokens = text
    .split('\n')
    .map((line) => line.trim().replace(/^Bearer +/i, ''))
    .filter((line) => line !== '');
  if (tokens.length === 0)
    throw new ConfigError('init', [{ path: '--tokens', message: 'holds no token: expected one in each line' }]);
  const rows = new Map<string, CensusRow>();
  const lifetimes = new Map<string, number>();
  for (const token of tokens) {
    const row = rowOf(token);
    const name = JSON.stringify([row.issuer, row.audiences.toSorted(), row.clientId, row.kind]);
    const known = rows.get(name);
    rows.set(name, { ...row, count: (known?.count ?? 0) + 1, maxBytes: Math.max(known?.maxBytes ?? 0, row.maxBytes) });
    const { iat, exp } = decodeToken(token)?.claims ?? {};
    if (typeof iat !== 'number' || typeof exp !== 'number' || exp <= iat) continue;
    for (const audience of row.audiences) lifetimes.set(audience, Math.max(lifetimes.get(audience) ?? 0, exp - iat));
  }
  return {
    rows: [...rows.values()],
    lifetimes,
    notes: [`${tokens.length} tokens were read; none is stored or printed`],
  };
}

function rowOf(token: string): CensusRow {
  const { kind, issuer, audiences, clientId, bytes } = describeToken(`Bearer ${token}`, MAX_TOKEN_BYTES);
  return {
    issuer: issuer === null ? null : printableName(issuer),
    audiences: audiences.map(printableName),
    clientId: clientId === null ? null : printableName(clientId),
    kind,
    signature: 'unchecked',
    count: 0,
    maxBytes: bytes,
    firstSeenMs: null,
    lastSeenMs: null,
  };
}
