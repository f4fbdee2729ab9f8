import type { AcceptanceSwitch, Clock } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import { type Configuration, clientCredentialsGrant, type DPoPHandle } from 'openid-client';
import type { OnClientEvent } from '../events/client-event.ts';
import { createDpopKey, type DpopKey, dpopHandle } from '../provider/dpop.ts';
import { GrantRefusedError } from '../provider/errors.ts';
import type { Provider, Providers } from '../provider/provider.ts';
import { cachedToken } from '../tokens/cached-token.ts';
import { issuedSides } from '../tokens/issued-sides.ts';
import { haveEqualSides, type SelectedSides, selectedSides } from '../tokens/selected-sides.ts';
import type { ChosenSide, SideChooser } from '../tokens/side-chooser.ts';
import { mintEvent } from '../tokens/side-events.ts';
import { isSideRefusal } from '../tokens/side-refusal.ts';
import { readTokenResponse } from '../tokens/token-response.ts';
import type { MachineToken } from './token-slot.ts';

export interface TokenRequestContext {
  readonly providers: Providers;
  readonly selector: Selector;
  readonly chooser: SideChooser;
  readonly acceptance: AcceptanceSwitch;
  readonly now: Clock;
  readonly random: () => number;
  readonly onEvent: OnClientEvent;
}

/** Requests the tokens of one machine. */
export interface TokenRequests {
  /**
   * Requests a token (client credentials, RFC 6749 §4.4).
   * @throws {@link GrantRefusedError} with `fallsBack` if the chooser now chooses legacy.
   */
  request(chosen: ChosenSide): Promise<MachineToken>;
  /** The key that tokens are bound to; the same for all. */
  key(): Promise<DpopKey>;
}

export function createTokenRequests(context: TokenRequestContext): TokenRequests {
  const { providers, selector, chooser, acceptance, now, random, onEvent } = context;
  const handles = new WeakMap<Configuration, DPoPHandle>();
  let createdKey: Promise<DpopKey> | undefined;
  /** The error by which the provider refused target, before a fallback. */
  let targetError = '';

  function key(): Promise<DpopKey> {
    createdKey ??= createDpopKey();
    return createdKey;
  }

  async function grantOptions(provider: Provider, configuration: Configuration) {
    if (provider.options.dpop !== true) return {};
    const handle = handles.get(configuration) ?? dpopHandle(configuration, await key());
    handles.set(configuration, handle);
    return { DPoP: handle };
  }

  /** The error for the caller; notes a refusal of target. */
  function refusal(error: unknown, chosen: ChosenSide): unknown {
    if (!(error instanceof GrantRefusedError)) return error;
    if (chooser.refused(chosen, 'machine', error)) {
      targetError = error.error;
      return new GrantRefusedError('a token for target', error.error, { fallsBack: true });
    }
    if (isFallback(chosen)) {
      return new GrantRefusedError(`a token for target (${targetError}), and one for legacy`, error.error);
    }
    const isLegacyClosed = chosen.selection.side === 'target' && isSideRefusal(error) && acceptance() === 'target';
    return isLegacyClosed ? new GrantRefusedError('a token', error.error, { isLegacyClosed }) : error;
  }

  async function request(chosen: ChosenSide): Promise<MachineToken> {
    const { selection } = chosen;
    const provider = providers.of(selection.side);
    const requestedAtMs = now();
    const response = await provider
      .request('a token', async (configuration) =>
        clientCredentialsGrant(
          configuration,
          new URLSearchParams(parameterEntries(selection.parameters)),
          await grantOptions(provider, configuration),
        ),
      )
      .catch((error: unknown) => {
        throw refusal(error, chosen);
      });
    const issued = readTokenResponse(response, requestedAtMs);
    onEvent(mintEvent('machine', chosen, issuedSides(selectedSides(selection), issued.scope, selector)));
    return { ...cachedToken(issued, requestedAtMs, random()), isBound: response.token_type === 'dpop' };
  }

  return { request, key };
}

function isFallback({ selection, asked, askedSides }: ChosenSide): boolean {
  const wanted: SelectedSides = { side: asked, ...(askedSides !== undefined && { sides: askedSides }) };
  return !haveEqualSides(selectedSides(selection), wanted);
}
