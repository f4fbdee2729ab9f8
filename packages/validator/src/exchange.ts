export type { ExchangeClientOptions } from './exchange/exchange-client-options.ts';
export { firstTokenExchange } from './exchange/first-token-exchange.ts';
export type { PhantomTokenExchangeOptions } from './exchange/phantom-token-exchange.ts';
export { createPhantomTokenExchange } from './exchange/phantom-token-exchange.ts';
export type {
  MemorySplitTokenCache,
  MemorySplitTokenCacheOptions,
  SplitTokenCache,
  SplitTokenExchangeOptions,
} from './exchange/split-token-exchange.ts';
export { createMemorySplitTokenCache, createSplitTokenExchange } from './exchange/split-token-exchange.ts';
export type { TokenExchange } from './exchange/token-exchange.ts';
export { createTokenExchange } from './exchange/token-exchange-endpoint.ts';
