import { hash } from 'node:crypto';
import { type Clock, formatInstant } from '@crossfade/core';
import type { CensusKind, CensusRow, Census as CensusShown } from '@crossfade/core/status';
import { describeToken, type TokenDescription } from '@crossfade/validator/census';
import { createTally, type Tally } from './tally.ts';
import { cleanText, isCut } from './text.ts';

/** Whether the keys of an issuer that the plan names have verified the token. */
export type SignatureState = 'unchecked' | 'verified';

/** Counts which tokens arrive, by what they say of themselves. Fetches nothing, and keeps no token, subject or other claim. */
export interface Census {
  /** Counts one request; returns the kind of its token. */
  note(authorization: string | readonly string[] | undefined, signature: SignatureState): CensusKind;
  /** The JSON of `/census`. */
  read(): CensusShown;
}

export interface CensusSettings {
  readonly now: Clock;
  /** How many issuers are listed. Default: 40. */
  readonly maxIssuers?: number;
  /** How many rows one issuer has. Default: 20. */
  readonly maxRows?: number;
}

/** Alike tokens of one issuer. */
interface Row extends Pick<CensusRow, 'issuer' | 'audiences' | 'clientId' | 'signature'> {
  readonly kind: CensusKind;
  count: number;
  maxBytes: number;
  firstSeenMs: number;
  lastSeenMs: number;
}

/** The rows of one issuer: those that come most, and one for all others. */
interface IssuerRows {
  readonly issuer: string | null;
  readonly signature: SignatureState;
  readonly rows: Tally<Row>;
  rest: Row | undefined;
}

const MAX_ISSUERS = 40;
const MAX_ROWS = 20;
/** Beyond what the plan allows, so that the census shows which limit would fit; header sections end well before. */
const MAX_TOKEN_BYTES = 65_536;
const MAX_AUDIENCES = 8;
const MAX_KNOWN_TOKENS = 4096;

/**
 * Creates a census. Of issuers, and of the rows of each, those are listed that come most often, so that an attacker who
 * makes up names displaces none that is in real use; everything else is counted in a row of kind `rest`. Verified tokens
 * have places of their own, which no unverified one takes.
 */
export function createCensus({ now, maxIssuers = MAX_ISSUERS, maxRows = MAX_ROWS }: CensusSettings): Census {
  const issuers = { verified: createTally<IssuerRows>(maxIssuers), unchecked: createTally<IssuerRows>(maxIssuers) };
  const rest: Record<SignatureState, Row | undefined> = { verified: undefined, unchecked: undefined };
  /** The row of a token that came before, by its digest: nearly every request brings one of these. */
  const known = new Map<string, { readonly row: Row; readonly issuer: string; readonly name: string }>();
  let isAnyCut = false;

  const count = (row: Row, bytes: number, nowMs: number): CensusKind => {
    row.count += 1;
    row.maxBytes = Math.max(row.maxBytes, bytes);
    row.lastSeenMs = Math.max(row.lastSeenMs, nowMs);
    return row.kind;
  };

  const addIssuer = (issuer: string | null, signature: SignatureState): IssuerRows => ({
    issuer,
    signature,
    rows: createTally<Row>(maxRows),
    rest: undefined,
  });

  /** An issuer that is no longer listed goes into the row of all others. */
  const dropIssuer = ({ signature, rows, rest: others }: IssuerRows) => {
    rest[signature] ??= restRow(null, signature, now());
    for (const row of [...rows.values(), ...(others === undefined ? [] : [others])]) merge(rest[signature], row);
  };

  const dropRow = (issuer: IssuerRows, row: Row) => {
    issuer.rest ??= restRow(issuer.issuer, issuer.signature, row.firstSeenMs);
    merge(issuer.rest, row);
  };

  const noteNew = (token: TokenDescription, signature: SignatureState, digest: string): CensusKind => {
    const nowMs = now();
    const audiences = token.audiences.slice(0, MAX_AUDIENCES).map(cleanText);
    const shown = {
      issuer: token.issuer === null ? null : cleanText(token.issuer),
      audiences: token.audiences.length > MAX_AUDIENCES ? [...audiences, '…'] : audiences,
      clientId: token.clientId === null ? null : cleanText(token.clientId),
    };
    isAnyCut ||= [shown.issuer, shown.clientId, ...shown.audiences].some(isCut);
    const issuerName = JSON.stringify(shown.issuer);
    const issuer = issuers[signature].note(issuerName, () => addIssuer(shown.issuer, signature), dropIssuer);
    const name = JSON.stringify([token.kind, shown.clientId, [...shown.audiences].sort()]);
    const row = issuer.rows.note(
      name,
      () => ({ ...shown, kind: token.kind, signature, count: 0, maxBytes: 0, firstSeenMs: nowMs, lastSeenMs: nowMs }),
      (dropped) => dropRow(issuer, dropped),
    );
    if (known.size >= MAX_KNOWN_TOKENS) known.clear();
    known.set(digest, { row, issuer: issuerName, name });
    return count(row, token.bytes, nowMs);
  };

  return {
    note(authorization, signature) {
      const digest = signature + digestOf(authorization);
      const before = known.get(digest);
      const issuer = before === undefined ? undefined : issuers[signature].recall(before.issuer);
      if (before !== undefined && issuer?.rows.recall(before.name) === before.row)
        return count(before.row, before.row.maxBytes, now());
      return noteNew(describeToken(authorization, MAX_TOKEN_BYTES), signature, digest);
    },

    read() {
      const listed = [...issuers.verified.values(), ...issuers.unchecked.values()];
      const others = [...listed.map((issuer) => issuer.rest), rest.verified, rest.unchecked];
      const restRows = others.filter((row) => row !== undefined);
      const rows = listed.flatMap((issuer) => [...issuer.rows.values()]).sort((one, other) => other.count - one.count);
      return { rows: [...rows, ...restRows].map(shownRow), truncated: isAnyCut || restRows.length > 0 };
    },
  };
}

/** A token is remembered by its digest only. */
function digestOf(authorization: string | readonly string[] | undefined): string {
  const text = typeof authorization === 'object' ? authorization.join('\n') : (authorization ?? '');
  return text === '' ? '' : hash('sha256', text, 'base64url');
}

function restRow(issuer: string | null, signature: SignatureState, nowMs: number): Row {
  const times = { firstSeenMs: nowMs, lastSeenMs: nowMs };
  return { issuer, audiences: [], clientId: null, kind: 'rest', signature, count: 0, maxBytes: 0, ...times };
}

function merge(into: Row, row: Row): void {
  into.count += row.count;
  into.maxBytes = Math.max(into.maxBytes, row.maxBytes);
  into.firstSeenMs = Math.min(into.firstSeenMs, row.firstSeenMs);
  into.lastSeenMs = Math.max(into.lastSeenMs, row.lastSeenMs);
}

function shownRow({ firstSeenMs, lastSeenMs, ...row }: Row): CensusRow {
  return { ...row, firstSeenAt: formatInstant(firstSeenMs), lastSeenAt: formatInstant(lastSeenMs) };
}
