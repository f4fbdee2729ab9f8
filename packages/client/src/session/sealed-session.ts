import { randomBytes } from 'node:crypto';
import { openText, sealText } from './sealed-text.ts';
import { indexName, type SessionKey } from './session-key.ts';
import { parseRecord, type SessionRecord } from './session-record.ts';
import type { StoredSession } from './session-store.ts';

/**
 * Encrypts a session for its store.
 * @param version of a record that only its times differ from; default: a new one.
 */
export function sealSession(
  record: SessionRecord,
  key: SessionKey,
  version = randomBytes(16).toString('base64url'),
): StoredSession {
  const { issuer, subject, sid } = record.session;
  return {
    sealed: sealText(JSON.stringify(record), key),
    version,
    ...(subject !== undefined && { sub: indexName('sub', issuer, subject) }),
    ...sidIndex(issuer, subject, sid),
  };
}

/** A logout token that names a session also ends those of its user that have no name, which may be the one that it means. */
function sidIndex(issuer: string, subject: string | undefined, sid: string | undefined): { readonly sid?: string } {
  if (sid !== undefined) return { sid: indexName('sid', issuer, sid) };
  return subject === undefined ? {} : { sid: indexName('no sid', issuer, subject) };
}

/** Decrypts a session. Returns `undefined` for a record that this key did not seal, or that is no session. */
export function openSession({ sealed }: StoredSession, key: SessionKey): SessionRecord | undefined {
  const text = openText(sealed, key);
  return text === undefined ? undefined : parseRecord(text);
}
