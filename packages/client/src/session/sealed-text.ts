import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SessionKey } from './session-key.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a text for a store (AES-256-GCM). The store key is authenticated, too: a text that was moved to another key
 * cannot be opened.
 */
export function sealText(text: string, { storeKey, sealingKey }: SessionKey): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(storeKey));
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Decrypts a text. Returns `undefined` for one that this key did not seal. */
export function openText(sealed: string, { storeKey, sealingKey }: SessionKey): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, sealingKey, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(storeKey))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString();
  } catch {
    return undefined;
  }
}
