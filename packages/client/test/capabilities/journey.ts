import type { Acceptance, MintedSide, Side } from '@crossfade/core';
import type { RefreshCapability, SelectableSide } from '@crossfade/selector';
import type { ClientEvent } from '../../src/events/client-event.ts';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { GrantRefusedError, LoginRequiredError } from '../../src/provider/errors.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import type { ProviderCapabilities } from '../fixture/provider-capabilities.ts';
import { startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

/** A provider, and how the application's selector is configured for it. */
export interface Arrangement {
  readonly provider: ProviderCapabilities;
  readonly legacy: SelectableSide;
  readonly target: SelectableSide;
  readonly refresh: RefreshCapability;
}

/** What a session or a login is after one step of a migration. */
export interface Observation {
  /** What the session was asked for, shows, and really has; absent when it got no token. */
  readonly token?: { readonly asked: Side; readonly shown: MintedSide; readonly really: Side };
  /** What became of a request that got no token. */
  readonly failure?: 'log in again' | 'the session ended' | 'refused';
  /** Outcomes of refreshes, fallbacks and mints of another side than asked, in their order. */
  readonly events: readonly string[];
  /** Requests to the token endpoint. */
  readonly requests: number;
}

/** What two sessions, and logins, live through. */
export interface Journey {
  /** The login of the first session, before the flip. */
  readonly login: Observation;
  /** Its refresh after the flip to 100 %, and the next one. */
  readonly flip: Observation;
  readonly next: Observation;
  /** Its refresh after the rollback. */
  readonly rollback: Observation;
  /** Its refresh after another flip and a close, which comes too early for it. */
  readonly close: Observation;
  /** The login of the second session, after the flip, and another login at the same revision. */
  readonly newLogin: Observation;
  readonly nextLogin: Observation;
  /** The refresh of the second session after the rollback. */
  readonly newRollback: Observation;
  /** A login after the close. */
  readonly closedLogin: Observation;
}

/** Runs a session through a flip, a rollback and a close that comes too early, at a real provider. */
export async function travel({ provider: capabilities, ...sides }: Arrangement): Promise<Journey> {
  const provider = await startProvider({ capabilities });
  const issuance = issuanceFixture(sides);
  const events: ClientEvent[] = [];
  let acceptance: Acceptance = 'both';
  let revision = 1;
  const login = createBrowserLogin({
    ...provider,
    selector: issuance.selector,
    acceptance: () => acceptance,
    onEvent: (event) => events.push(event),
  });
  let session: LoginSession | undefined;

  async function observe(request: () => Promise<LoginSession | undefined>): Promise<Observation> {
    events.length = 0;
    const before = provider.requests.length;
    const seen = () => ({ events: events.flatMap(describeEvent), requests: provider.requests.length - before });
    try {
      const got = await request();
      return got === undefined ? { failure: 'log in again', ...seen() } : { token: tokenOf(got), ...seen() };
    } catch (error) {
      if (error instanceof GrantRefusedError) return { failure: 'refused', ...seen() };
      if (!(error instanceof LoginRequiredError)) throw error;
      return { failure: error.endsSession ? 'the session ended' : 'log in again', ...seen() };
    }
  }

  async function signIn(key: string): Promise<LoginSession> {
    const { url, pending } = await login.start({ key });
    try {
      return await login.finish(await provider.browse(url), pending);
    } catch (error) {
      if (error instanceof GrantRefusedError && error.fallsBack) return signIn(key);
      throw error;
    }
  }

  /** As an application does it: an access token whose refresh needs a login leads to one. */
  async function refresh(): Promise<Observation> {
    const current = session;
    const seen = await observe(async () => {
      if (current !== undefined) session = await login.refresh(current);
      return session;
    });
    if (seen.failure !== undefined) session = await signIn('alice').catch(() => undefined);
    return seen;
  }

  const move = (percent: number) => {
    revision += 1;
    Object.assign(issuance, { percent, revision: String(revision) });
  };

  try {
    const started = await observe(async () => {
      session = await signIn('alice');
      return session;
    });
    move(100);
    let second: LoginSession | undefined;
    const newLogin = await observe(async () => {
      second = await signIn('bob');
      return second;
    });
    const nextLogin = await observe(() => signIn('carol'));
    const [flip, next] = [await refresh(), await refresh()];
    move(0);
    const rollback = await refresh();
    const newRollback = await observe(async () => second && login.refresh(second));
    move(100);
    acceptance = 'target';
    const close = await refresh();
    const closedLogin = await observe(() => signIn('dave'));
    return { login: started, flip, next, rollback, newRollback, close, newLogin, nextLogin, closedLogin };
  } finally {
    await provider.close();
  }
}

function tokenOf({ token }: LoginSession): NonNullable<Observation['token']> {
  const really = audienceOf(token.accessToken) === TARGET_RESOURCE ? 'target' : 'legacy';
  return { asked: token.asked.side, shown: token.side, really };
}

function describeEvent(event: ClientEvent): string[] {
  if (event.type === 'refresh') return [event.outcome];
  if (event.type === 'fell_back') return [`fell_back: ${event.error}`];
  if (event.type === 'refresh_reuse') return ['refresh_reuse'];
  if (event.type !== 'mint' || event.asked === event.minted) return [];
  return [`mint: asked ${event.asked}, minted ${event.minted}`];
}
