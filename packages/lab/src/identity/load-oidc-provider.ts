/**
 * Imports `oidc-provider` without its warning about Node 20, which it no longer tests on: users of the
 * lab cannot act on it.
 */
export async function loadOidcProvider(): Promise<typeof import('oidc-provider')> {
  const console = globalThis.console;
  const { warn } = console;
  console.warn = () => {};
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
