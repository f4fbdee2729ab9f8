import { isLoopbackHost } from '../vocabulary/loopback-host.ts';

/** What a WHATWG URL says of its origin and credentials. */
export interface UrlParts {
  readonly protocol: string;
  readonly hostname: string;
  readonly username: string;
  readonly password: string;
}

// Every runtime has it, but core is compiled without the types of any.
declare const URL: { new (text: string): UrlParts; canParse(text: string): boolean };

/** Whether a text is a URL with a user name or a password in it, in any spelling that a URL parser takes. */
export function holdsCredentials(text: string): boolean {
  return URL.canParse(text) && hasCredentials(new URL(text));
}

function hasCredentials({ username, password }: UrlParts): boolean {
  return username !== '' || password !== '';
}

/**
 * Whether a URL is safe to fetch keys and tokens from: https, or http on loopback, without credentials in it.
 * A text that is no URL is not.
 */
export function isSecureUrl(url: string | UrlParts): boolean {
  if (typeof url === 'string') return URL.canParse(url) && isSecureUrl(new URL(url));
  if (hasCredentials(url)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
