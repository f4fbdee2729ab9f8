import { isSecureUrl } from '@crossfade/core/schema';
import { z } from 'zod';

const PUBLIC_URL =
  'must be the http or https URL of the path / of this server as clients use it, such as https://api.example.com/orders, without credentials, query or fragment';

/** The public URL of a server, without slashes at its end, so that a path can follow. */
export const publicUrlSchema = z
  .string(PUBLIC_URL)
  .refine(isPublicUrl, PUBLIC_URL)
  .transform((text) => text.replace(/\/+$/, ''));

/** The resource identifier that a public URL stands for (RFC 9728 §1.2); `undefined` where it is not an https URL. */
export function resourceOf(publicUrl: string | undefined): string | undefined {
  return publicUrl !== undefined && isSecureUrl(publicUrl) ? publicUrl : undefined;
}

function isPublicUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s?#\\]+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
