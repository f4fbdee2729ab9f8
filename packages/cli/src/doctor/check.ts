import type { RunbookName } from '@crossfade/core';

interface CheckDefinition {
  /** What depends on it, in a sentence. */
  readonly why: string;
  /** The page to read on. */
  readonly runbook: RunbookName;
}

/** Every check of `crossfade doctor`: what depends on it, and the page to read on. */
export const CHECKS = {
  plan: { why: 'sidecars, APIs and clients read the same plan', runbook: 'prepare' },
  metadata: { why: 'a validator finds the keys of an issuer by its metadata', runbook: 'prepare' },
  keys: { why: 'without a key that fits, every token of the issuer is rejected', runbook: 'key-rotation' },
  key_ids: {
    why: 'a library that finds keys by kid alone verifies with the wrong key, and refuses valid tokens',
    runbook: 'key-rotation',
  },
  algorithms: { why: 'an algorithm that no key has widens the allow-list for nothing', runbook: 'key-rotation' },
  clock: { why: 'iat, nbf, exp and the times of the gate come from these clocks', runbook: 'rejections-rising' },
  secret: { why: 'what the plan names by variable is read where the plan is used', runbook: 'prepare' },
  introspection: { why: 'opaque tokens are judged by this endpoint alone', runbook: 'prepare' },
  revocation: { why: 'a sidecar that enforces asks the denylist at every token', runbook: 'sidecar-down' },
  flags: { why: 'clients and APIs take the switches from this document', runbook: 'flag-store-down' },
  brownout: { why: 'a brownout refuses valid tokens of some clients until its end', runbook: 'brownout' },
  permissions: { why: 'a rollback at night needs them, under the role of the one on call', runbook: 'rollback' },
  environment: { why: 'a rollback must deploy at once, and stay deployed', runbook: 'rollback' },
  deployment: { why: 'AppConfig runs one deployment at a time in an environment', runbook: 'rollback' },
  meters: { why: 'the gate needs to know of every instance', runbook: 'sidecar-down' },
  meter: { why: 'a move waits for what each instance shows', runbook: 'sidecar-down' },
  store: { why: 'a move reaches only instances that read the store that is written', runbook: 'flag-store-down' },
  disagreements: { why: 'a client whose token the plan refuses is turned away by a close', runbook: 'disagreements' },
  proxies: { why: 'the API reads scheme, host and address of the client from these headers', runbook: 'expand' },
  upstream: { why: 'requests that the API does not respond to fail for clients', runbook: 'sidecar-down' },
  versions: { why: 'releases more than one apart may read each other wrongly', runbook: 'sidecar-down' },
  plans: { why: 'sidecars with different plans count the same token as different things', runbook: 'sidecar-down' },
  relay: {
    why: "an API that passes its caller's token on needs an audience downstream, which a target token may lack",
    runbook: 'expand',
  },
  api: { why: 'clients get another token upon a 401 with a challenge, and upon nothing else', runbook: 'expand' },
  forged: { why: 'an API that takes a forged token is open to anyone', runbook: 'disagreements' },
  target_token: { why: 'advance sends clients with target tokens to this API', runbook: 'expand' },
  id_token: { why: 'an ID token is for the client that logged a user in, never for an API', runbook: 'disagreements' },
  gateway: { why: 'a gateway in front may hide what the API responds', runbook: 'expand' },
  rules: { why: 'alerts and crossfade:drained:bool come from these rules', runbook: 'drain' },
  scrape: { why: 'an instance that is scraped too seldom counts as out of sight', runbook: 'drain' },
  retention: { why: 'the gate looks back over the whole drain window', runbook: 'drain' },
} as const satisfies Readonly<Record<string, CheckDefinition>>;

export type CheckName = keyof typeof CHECKS;
