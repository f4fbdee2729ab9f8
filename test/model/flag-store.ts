import {
  ACCEPT_LEGACY_FLAG,
  editFlagDocument,
  type FlagDocument,
  ISSUE_TARGET_FLAG,
  parseFlagDocument,
  type SwitchPosition,
} from '@crossfade/core';
import { boundsOf, FLAGS_TAKE, PERCENTS, type Store } from './state.ts';
import { NOW_MS, TICK_MS, type World } from './world.ts';

/** The flag store of a world, read and written through the production document. */
export interface FlagStore {
  read(store: Store): FlagDocument;
  /** The store after `position` is written; `undefined` when nothing changes and nothing is written. */
  write(store: Store, position: SwitchPosition): Store | undefined;
}

export function createFlagStore(world: World): FlagStore {
  const { horizon } = boundsOf(world);
  const documents = new Map<Store, FlagDocument>();
  const texts = new Map<Store, string>();
  const written = new Map<string, Store>();

  function textOf(store: Store): string {
    const text = texts.get(store) ?? format(store);
    texts.set(store, text);
    return text;
  }

  function format({ closed, level, since, reopened }: Store): string {
    const percent = PERCENTS[level] ?? 0;
    const recorded = since <= horizon && { since: new Date(NOW_MS - since * TICK_MS).toISOString() };
    const age = Math.max(0, reopened - 1);
    const moved = (closed === 1 || reopened > 0) && { since: new Date(NOW_MS - age * TICK_MS).toISOString() };
    return JSON.stringify({
      [ISSUE_TARGET_FLAG]: percent === 0 ? { enabled: false } : { enabled: true, percent, ...recorded },
      [ACCEPT_LEGACY_FLAG]: { enabled: closed === 0, ...moved },
    });
  }

  function read(store: Store): FlagDocument {
    const known = documents.get(store);
    if (known !== undefined) return known;
    const document = parse(textOf(store));
    documents.set(store, document);
    return document;
  }

  return {
    read,
    write(store, position) {
      const before = read(store);
      const issuance = position.issuance.percent !== before.issuance.percent && {
        issuance: { percent: position.issuance.percent },
      };
      const acceptance = position.acceptance !== before.acceptance && { acceptance: position.acceptance };
      if (!issuance && !acceptance) return undefined;
      const text = textOf(store);
      const key = `${position.acceptance} ${position.issuance.percent} ${store.rejected} ${text}`;
      const after =
        written.get(key) ?? storeOf(editFlagDocument(text, { ...issuance, ...acceptance }, NOW_MS).text, store);
      written.set(key, after);
      return after;
    },
  };

  function storeOf(text: string, { rejected }: Store): Store {
    const { acceptance, issuance, acceptanceSinceMs } = parse(text);
    return {
      closed: acceptance === 'target' ? 1 : 0,
      level: (PERCENTS as readonly number[]).indexOf(issuance.percent),
      since: world.unrecorded ? horizon + 1 : ageOf(issuance.sinceMs, horizon),
      reopened: acceptance === 'both' && acceptanceSinceMs !== null ? ageOf(acceptanceSinceMs, FLAGS_TAKE) + 1 : 0,
      rejected,
    };
  }
}

function ageOf(sinceMs: number | null, bound: number): number {
  return sinceMs === null ? bound + 1 : Math.min(bound, (NOW_MS - sinceMs) / TICK_MS);
}

function parse(text: string): FlagDocument {
  const result = parseFlagDocument(text);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.document;
}
