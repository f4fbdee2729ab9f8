/**
 * Imports `oidc-provider` without the line it prints on Node 20, which it no longer tests on: every rehearsal there
 * does, and a warning nobody can act on teaches people not to read warnings.
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
