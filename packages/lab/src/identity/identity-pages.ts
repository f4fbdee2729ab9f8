import type { KoaContextWithOIDC } from 'oidc-provider';

const STYLE =
  'body{font:1.125rem/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem;color:#1a1a1a;background:#f3f1ec}' +
  'main{background:#fff;border:1px solid #d9d5cb;border-radius:.5rem;padding:1.5rem 2rem}h1{font-size:1.375rem;margin:.25rem 0 1rem}' +
  'small{color:#595959}button{display:block;width:100%;font:inherit;margin:.5rem 0;padding:.5rem 1rem;border:1px solid #5b4a1e;border-radius:.25rem;background:#fff;color:#5b4a1e;cursor:pointer}' +
  'button.main{background:#5b4a1e;color:#fff}button:focus-visible{outline:3px solid #1a4f9c;outline-offset:2px}';

/** A user that the login page offers. */
export interface User {
  readonly name: string;
  readonly roles: readonly string[];
}

/** The page that asks who the user is. Its form is posted to the URL of the page. */
export function loginPage(users: readonly User[]): string {
  const buttons = users.map(({ name, roles }) => {
    const hint = roles.length === 0 ? '' : ` (${roles.join(', ')})`;
    return `<button class="main" name="user" value="${escapeHtml(name)}">Sign in as ${escapeHtml(name + hint)}</button>`;
  });
  return page(
    'Who are you?',
    '<p>The web application wants to know.</p>' +
      `<form method="post">${buttons.join('')}<button name="decline" value="yes">Do not sign in</button></form>`,
  );
}

/** The page of a login that is over, such as after the back button. */
export function endedPage(applicationUrl: string | undefined): string {
  const way =
    applicationUrl === undefined ? '' : `<p><a href="${escapeHtml(applicationUrl)}">Go to the application</a></p>`;
  return page('This sign-in is over', `<p>It was completed, or took too long.</p>${way}`);
}

/** The page that ends the session at the provider: without a question, because the application asked already. */
export function logoutPage(context: KoaContextWithOIDC, form: string): void {
  context.body = page(
    'Sign out',
    `<p>You are signing out.</p>${form}<button class="main" form="op.logoutForm" name="logout" value="yes">Sign out</button>` +
      '<script>document.querySelector("button[name=logout]").click()</script>',
  );
}

function page(title: string, content: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<link rel="icon" href="data:,"><title>${title}</title><style>${STYLE}</style></head>` +
    `<body><main><small>Identity provider</small><h1>${title}</h1>${content}</main></body></html>`
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
