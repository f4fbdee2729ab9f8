import type { BrowserLogin, BrowserLoginOptions } from './browser-login.ts';
import { discoverProvider } from './discover-provider.ts';
export async function createBrowserLogin(options: BrowserLoginOptions): Promise<BrowserLogin> {
  await discoverProvider(options, []);
  throw new Error('next commit');
}
