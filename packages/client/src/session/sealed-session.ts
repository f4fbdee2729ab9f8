import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { indexName, type SessionKey } from './session-key.ts';
import { parseRecord, type SessionRecord } from './session-record.ts';
import type { StoredSession } from './session-store.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a session for its store (AES-256-GCM). The store key is authenticated, too: a record that was moved to another
 * key cannot be opened.
 * @param version of a record that only its times differ from; default: a new one.
 */
export function sealSession(
  record: SessionRecord,
  { storeKey, sealingKey }: SessionKey,
  version = randomBytes(16).toString('base64url'),
): StoredSession {
  const { issuer, subject, sid } = record.session;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(storeKey));
  const text = Buffer.concat([cipher.update(JSON.stringify(record)), cipher.final()]);
  return {
    sealed: Buffer.concat([iv, text, cipher.getAuthTag()]).toString('base64url'),
    version,
    ...(subject !== undefined && { sub: indexName('sub', issuer, subject) }),
    ...(sid !== undefined && { sid: indexName('sid', issuer, sid) }),
  };
}

/** Decrypts a session. Returns `undefined` for a record that this key did not seal, or that is no session. */
export function openSession(
  { sealed }: StoredSession,
  { storeKey, sealingKey }: SessionKey,
): SessionRecord | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, sealingKey, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(storeKey))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return parseRecord(text.toString());
  } catch {
    return undefined;
  }
}
