import { setTimeout as delay } from 'node:timers/promises';
import type { MigrationPlan } from '@crossfade/core';
import { readStoreView, type StoreView } from '../flag-store/store-view.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { readBrownoutIfReachable, readMintingIfReachable } from '../output/plan-status.ts';
import { listenForKeys } from '../verb/terminal-keys.ts';
import type { Invocation } from '../verb/verb.ts';
import { type Glyphs, glyphsFor } from './glyphs.ts';
import { planFrame } from './plan-frame.ts';
import type { MetersView, PlanProblem, PlanView } from './plan-view.ts';
import { plansFrame } from './plans-frame.ts';
import { createPoll, type Poll } from './poll.ts';
import { createScreen } from './screen.ts';
import { addPoint, type SharePoint } from './share-history.ts';
import { createCounterRates, legacyShare, partsOf, type Traffic } from './traffic.ts';

const FRAME_EVERY_MS = 1000;
/** A file and sidecars respond for nothing; AppConfig's control plane and Prometheus are spared. */
const POLL_MS = { near: 2000, prometheus: 5000, store: 10_000 } as const;

/** A plan that is watched. */
interface WatchedPlan {
  tick(): void;
  view(nowMs: number): PlanView;
}

type ReadPlan = { readonly plan: MigrationPlan } | PlanProblem;

/** Shows plans on the terminal, until the operator ends it. Whatever cannot be read meanwhile is shown as unknown. */
export async function watchPlans(plans: readonly ReadPlan[], invocation: Invocation): Promise<void> {
  const { now, terminal, env, report, stdout } = invocation;
  const screen = createScreen(stdout, terminal, report);
  const ended = new AbortController();
  const end = () => ended.abort();
  const keys = listenForKeys(invocation.stdin, { quit: end, suspend: () => terminal.suspend() });
  if (invocation.signal.aborted) end();
  invocation.signal.addEventListener('abort', end, { once: true });
  let defect: { readonly error: unknown } | undefined;
  const glyphs = glyphsFor(env);
  const onDefect = (error: unknown) => {
    defect = { error };
    end();
  };
  const draw = () => {
    if (!ended.signal.aborted) screen.show(frame(watched, now(), glyphs, terminal.size()));
  };
  const watched = plans.map((read) =>
    'problem' in read ? read : watchPlan(read.plan, { ...invocation, signal: ended.signal }, draw, onDefect),
  );
  const undo = [
    terminal.onResize(draw),
    terminal.onInterruption({
      leave() {
        screen.leave();
        keys.release();
      },
      enter() {
        // The shell may have used the terminal meanwhile, also where the process was stopped without a word.
        screen.leave();
        keys.release();
        keys.take();
        screen.enter();
        draw();
      },
    }),
  ];
  try {
    keys.take();
    screen.enter();
    while (!ended.signal.aborted) {
      for (const plan of watched) if ('tick' in plan) plan.tick();
      draw();
      await delay(FRAME_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  } finally {
    for (const stop of undo) stop();
    invocation.signal.removeEventListener('abort', end);
    screen.close();
    keys.release();
  }
  if (defect !== undefined) throw defect.error;
}

function frame(
  watched: readonly (WatchedPlan | PlanProblem)[],
  nowMs: number,
  glyphs: Glyphs,
  size: { readonly columns: number; readonly rows: number },
) {
  const views = watched.map((plan) => ('view' in plan ? plan.view(nowMs) : plan));
  const [first, ...more] = views;
  if (first !== undefined && more.length === 0 && 'plan' in first) return planFrame(first, glyphs, size);
  return plansFrame(views, nowMs, glyphs, size);
}

function watchPlan(
  plan: MigrationPlan,
  invocation: Invocation,
  onChange: () => void,
  onDefect: (error: unknown) => void,
): WatchedPlan {
  const { now } = invocation;
  const fleet = openFleet(plan, invocation);
  let history: readonly SharePoint[] = [];
  const storeEveryMs = plan.flags.source === 'appconfig' ? POLL_MS.store : POLL_MS.near;
  const store: Poll<StoreView> = createPoll(() => readStoreView(plan, now), {
    everyMs: storeEveryMs,
    now,
    onChange,
    onDefect,
  });
  const readMeters = fleet && createMeterReader(fleet, now, () => store.state().value);
  const meters =
    readMeters &&
    createPoll(readMeters, {
      everyMs: plan.gate.prometheus === undefined ? POLL_MS.near : POLL_MS.prometheus,
      now,
      onDefect,
      onChange() {
        const { value, trouble } = meters?.state() ?? { value: null, trouble: null };
        const traffic = trouble === null ? value?.traffic : undefined;
        const share = traffic == null ? null : legacyShare(traffic);
        // A history begins with a share: before it there was nothing to draw.
        if (share !== null || history.length > 0) history = addPoint(history, { atMs: now(), share });
        onChange();
      },
    });
  return {
    tick() {
      store.tick();
      meters?.tick();
    },
    view: (nowMs) => ({ plan, nowMs, store: store.state(), meters: meters?.state() ?? null, history }),
  };
}

function createMeterReader(fleet: Fleet, now: () => number, store: () => StoreView | null): () => Promise<MetersView> {
  const rates = createCounterRates();
  return async () => {
    const view = store();
    const document = view?.document;
    const [snapshot, traffic, minting] = await Promise.all([
      fleet.read(now(), { document, hash: view?.position?.stored.hash }),
      fleet
        .rates?.()
        .then((known): Traffic | null => known && { perSecond: partsOf(known.perSecond), overMs: known.overMs }),
      document && readMintingIfReachable(fleet, document.issuance, now()),
    ]);
    const brownout = view && (await readBrownoutIfReachable(view, { fleet, snapshot }, now()));
    return {
      snapshot,
      brownout,
      traffic: traffic ?? rates.add(snapshot.readings, now()),
      ...(minting !== undefined && { minting }),
    };
  };
}
