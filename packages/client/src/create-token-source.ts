import { discoverProvider } from './discover-provider.ts';
import type { TokenSource, TokenSourceOptions } from './token-source.ts';
export async function createTokenSource(options: TokenSourceOptions): Promise<TokenSource> {
  await discoverProvider(options, []);
  throw new Error('next commit');
}
