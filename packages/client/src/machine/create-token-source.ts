import { ConfigError, type Side } from '@crossfade/core';
import { type ClientEvent, eventSink } from '../events/client-event.ts';
import { acceptanceOf } from '../provider/client-options.ts';
import { createProviders } from '../provider/create-providers.ts';
import { createDpopNonces } from '../provider/dpop.ts';
import { GrantRefusedError } from '../provider/errors.ts';
import { fetchWithToken } from '../tokens/fetch-with-token.ts';
import { type ChosenSide, createSideChooser } from '../tokens/side-chooser.ts';
import { createTokenRequests } from './request-token.ts';
import { stickySelector } from './sticky-selector.ts';
import { createTokenSlot, type MachineToken, type TokenSlot } from './token-slot.ts';
import { type TokenSource, type TokenSourceOptions, tokenSourceProblems } from './token-source.ts';

/** How long the first token of a side is waited for while the token of the other side is still valid. */
const FLIP_WAIT_MS = 500;
/** A token is requested for target, then for legacy; once more if the flag moved meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Creates the token source of a machine, without a request: the provider's metadata is fetched at the first token.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * ```ts
 * const tokens = createTokenSource({ issuer, clientId, clientSecret, selector });
 * const response = await tokens.fetch('https://orders.example.com/today');
 * ```
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const problems = tokenSourceProblems(options);
  if (problems.length > 0) throw new ConfigError('client', problems);
  const { now = Date.now, random = Math.random } = options;
  const acceptance = acceptanceOf(options);
  const onEvent = eventSink(options.onEvent);
  const providers = createProviders(options);
  const { clientId } = providers.of('legacy');
  const { key = clientId } = options;
  const selector = stickySelector(options.selector, key);
  const slots = new Map<string, { readonly slot: TokenSlot; readonly side: Side }>();
  const nonces = createDpopNonces();
  let selection: ClientEvent | undefined;
  const chooser = createSideChooser(selector, acceptance, (event) => {
    if (event.type === 'selection') selection = event;
    else onEvent(event);
  });
  const requests = createTokenRequests({ providers, selector, chooser, acceptance, now, random, onEvent });

  /** A selection is reported with the request that it is for: not with each of the calls that a token serves. */
  function choose(): { readonly chosen: ChosenSide; readonly send: () => Promise<MachineToken> } {
    const chosen = chooser.choose({ key, clientId }, 'machine');
    const event = selection;
    return {
      chosen,
      async send() {
        if (event !== undefined) onEvent(event);
        try {
          return await requests.request(chosen);
        } catch (error) {
          if (fallsBack(error)) noteFallback();
          throw error;
        }
      },
    };
  }

  /**
   * Requests legacy once more also where its token is valid, in the background: what the provider mints for a machine that chose target
   * is counted at once, not when that token is renewed, which may be several steps of the ramp later.
   */
  function noteFallback(): void {
    slotOf(choose().chosen).expedite();
  }

  /** Not by the flag's revision: each step of a ramp would make the whole fleet request tokens at once. */
  function slotOf({ selection }: ChosenSide): TokenSlot {
    const name = JSON.stringify([selection.side, selection.parameters]);
    const known = slots.get(name);
    if (known !== undefined) return known.slot;
    const slot = createTokenSlot(now, random);
    slots.set(name, { slot, side: selection.side });
    return slot;
  }

  /** A valid token of another side than the selected one, while the API accepts it. */
  function otherToken(not: string | undefined): MachineToken | undefined {
    for (const { slot, side } of slots.values()) {
      const token = slot.valid();
      const isClosed = side === 'legacy' && acceptance() === 'target';
      if (token !== undefined && token.accessToken !== not && !isClosed) return token;
    }
    return undefined;
  }

  async function machineToken(not?: string, attempt = 1): Promise<MachineToken> {
    const { chosen, send } = choose();
    const slot = slotOf(chosen);
    const isDue = slot.isDue(not);
    const renewal = isDue ? slot.renew(send) : undefined;
    renewal?.catch(() => {});
    const held = slot.valid(not);
    if (held !== undefined) return held;
    const other = otherToken(not);
    try {
      const renewed = renewal ?? slot.renew(send);
      return await (other === undefined ? renewed : within(renewed, slot.sentAtMs + FLIP_WAIT_MS - now(), other));
    } catch (error) {
      if (fallsBack(error) && attempt < MAX_ATTEMPTS) return machineToken(not, attempt + 1);
      if (other !== undefined) return other;
      throw error;
    }
  }

  async function presentableToken(not?: string) {
    const { accessToken, isBound } = await machineToken(not);
    return { accessToken, ...(isBound && { dpopKey: await requests.key() }) };
  }

  return {
    token: async ({ not } = {}) => (await machineToken(not)).accessToken,
    fetch: (input, init) =>
      fetchWithToken({ token: presentableToken, send: options.apiFetch ?? fetch, nonces }, input, init),
  };
}

function fallsBack(error: unknown): boolean {
  return error instanceof GrantRefusedError && error.fallsBack;
}

/** Resolves to `otherwise` if the work takes longer than it is waited for. */
async function within<T>(work: Promise<T>, ms: number, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), otherwise);
    timer.unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
