import type { BffPage } from './page.ts';
import { contentSecurityPolicy, renderPage } from './render-page.ts';

/** Responds with a page. */
export type PageResponse = (page: BffPage, headers?: Readonly<Record<string, string>>) => Response;

/**
 * Creates the function that responds with pages.
 * @param render the application's own renderer. Where it throws, the default page is shown: it may be the page of an error.
 */
export function createPageResponse(
  render: ((page: BffPage) => string) | undefined,
  onError: (error: unknown) => void = () => {},
): PageResponse {
  function ownPage(page: BffPage): string | undefined {
    try {
      return render?.(page);
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  return (page, headers = {}) => {
    const own = ownPage(page);
    return new Response(own ?? renderPage(page), {
      status: page.status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': contentSecurityPolicy(page, own === undefined ? 'default' : 'own'),
        // `no-referrer` makes browsers send `Origin: null` with a form, which fails the check for the same origin.
        'referrer-policy': page.action.method === 'POST' ? 'same-origin' : 'no-referrer',
        'x-content-type-options': 'nosniff',
        ...headers,
      },
    });
  };
}
