import { createHash } from 'node:crypto';
import type { BffPage } from './page.ts';

const TITLES: Readonly<Record<BffPage['kind'], string>> = {
  declined: 'You are not signed in',
  expired: 'This sign-in is no longer valid',
  failed: 'Sign-in failed',
  refused: 'Sign-in failed',
  unavailable: 'Please try again in a moment',
  loop: 'Sign-in does not complete',
  signed_out: 'You are signed out',
  confirm_logout: 'Sign out?',
};

const STYLE =
  'body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'a,button{display:inline-block;font:inherit;padding:.5rem 1rem;border:0;border-radius:.25rem;background:#1a4f9c;color:#fff;text-decoration:none;cursor:pointer}' +
  'a:focus-visible,button:focus-visible{outline:3px solid #f5a400;outline-offset:2px}small{color:#595959}';

const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The default page, in English. */
export function renderPage({ kind, text, action, code }: BffPage): string {
  const [title, label, href] = [TITLES[kind], action.label, action.href].map(escapeHtml);
  const way =
    action.method === 'GET'
      ? `<p><a href="${href}">${label}</a></p>`
      : `<form method="post" action="${href}"><button type="submit">${label}</button></form>`;
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1>` +
    `<p>${escapeHtml(text)}</p>${way}<p><small>${escapeHtml(code)}</small></p></main></body></html>`
  );
}

/**
 * The policy of a page. A page of the application's own may bring its styles along. Chrome holds `form-action` against
 * redirects, too, and a logout goes on to the provider and the providers behind it: hosts that are not known here.
 */
export function contentSecurityPolicy({ action }: BffPage, renderer: 'default' | 'own'): string {
  const style = renderer === 'default' ? STYLE_SOURCE : "'unsafe-inline'";
  const form = action.method === 'POST' ? "'self' https: http://localhost:* http://127.0.0.1:*" : "'none'";
  return `default-src 'none'; style-src ${style}; form-action ${form}; frame-ancestors 'none'; base-uri 'none'`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
