import type { Acceptance, AcceptanceSwitch, MintedSide, Side } from '@crossfade/core';
import type { RefreshCapability, SelectableSide, Selector } from '@crossfade/selector';
import type { ClientEvent, OnClientEvent } from '../../src/events/client-event.ts';
import { GrantRefusedError, LoginRequiredError } from '../../src/provider/errors.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import type { ProviderCapabilities } from '../fixture/provider-capabilities.ts';
import { type ProviderFixture, startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

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
  readonly token?: { readonly shown: MintedSide; readonly really: Side };
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

/** What a client is made of. */
export interface ClientSetting {
  readonly provider: ProviderFixture;
  readonly selector: Selector;
  readonly acceptance: AcceptanceSwitch;
  readonly onEvent: OnClientEvent;
}

/** The client of a journey, such as `createBrowserLogin`. */
export interface JourneyClient<Session> {
  /** @throws {@link GrantRefusedError} when the user gets no session. */
  signIn(key: string): Promise<Session>;
  /** @throws as `BrowserLogin.refresh`. */
  refresh(session: Session): Promise<Session>;
  tokenOf(session: Session): { readonly accessToken: string; readonly side: MintedSide };
  close(): Promise<void>;
}

/** Runs a session through a flip, a rollback and a close that comes too early, at a real provider. */
export async function travel<Session>(
  { provider: capabilities, ...sides }: Arrangement,
  redirectUri: string,
  startClient: (setting: ClientSetting) => Promise<JourneyClient<Session>>,
): Promise<Journey> {
  const provider = await startProvider({ capabilities, redirectUri });
  const issuance = issuanceFixture(sides);
  const events: ClientEvent[] = [];
  const switches: { acceptance: Acceptance; revision: number } = { acceptance: 'both', revision: 1 };
  const client = await startClient({
    provider,
    selector: issuance.selector,
    acceptance: () => switches.acceptance,
    onEvent: (event) => events.push(event),
  });
  let first: Session | undefined;
  let second: Session | undefined;

  async function observe(request: () => Promise<Session | undefined>): Promise<Observation> {
    events.length = 0;
    const before = provider.requests.length;
    const seen = () => ({ events: events.flatMap(describeEvent), requests: provider.requests.length - before });
    try {
      const session = await request();
      if (session === undefined) return { failure: 'log in again', ...seen() };
      const { accessToken, side: shown } = client.tokenOf(session);
      const really = audienceOf(accessToken) === TARGET_RESOURCE ? 'target' : 'legacy';
      return { token: { shown, really }, ...seen() };
    } catch (error) {
      if (error instanceof GrantRefusedError) return { failure: 'refused', ...seen() };
      if (!(error instanceof LoginRequiredError)) throw error;
      return { failure: error.endsSession ? 'the session ended' : 'log in again', ...seen() };
    }
  }

  /** As an application does it: an access token whose refresh needs a login leads to one. */
  async function refresh(): Promise<Observation> {
    const current = first;
    const seen = await observe(async () => {
      if (current !== undefined) first = await client.refresh(current);
      return first;
    });
    if (seen.failure !== undefined) first = await client.signIn('alice').catch(() => undefined);
    return seen;
  }

  function move(percent: number): void {
    switches.revision += 1;
    Object.assign(issuance, { percent, revision: String(switches.revision) });
  }

  try {
    const login = await observe(async () => {
      first = await client.signIn('alice');
      return first;
    });
    move(100);
    const newLogin = await observe(async () => {
      second = await client.signIn('bob');
      return second;
    });
    const nextLogin = await observe(() => client.signIn('carol'));
    const [flip, next] = [await refresh(), await refresh()];
    move(0);
    const rollback = await refresh();
    const newRollback = await observe(async () => second && client.refresh(second));
    move(100);
    switches.acceptance = 'target';
    const close = await refresh();
    const closedLogin = await observe(() => client.signIn('dave'));
    return { login, flip, next, rollback, newRollback, close, newLogin, nextLogin, closedLogin };
  } finally {
    await client.close();
    await provider.close();
  }
}

function describeEvent(event: ClientEvent): string[] {
  if (event.type === 'refresh') return [event.outcome];
  if (event.type === 'fell_back') return [`fell_back: ${event.error}`];
  if (event.type === 'refresh_reuse') return ['refresh_reuse'];
  if (event.type !== 'mint' || event.asked === event.minted) return [];
  return [`mint: asked ${event.asked}, minted ${event.minted}`];
}
