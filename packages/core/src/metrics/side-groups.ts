import type { SideResponses } from '../gate/accepted-side.ts';
import type { Side } from '../vocabulary/side.ts';
import type { FleetScope, InstantQuery, InstantSample } from './fleet-scope.ts';
import { METRICS } from './metrics.ts';

/** Instances that show the same of one side, as far as a decision can tell them apart. */
export interface SideGroup extends SideResponses {
  readonly count: number;
  /** What the process that judges for them lets in; `undefined` if none judges, or it does not tell. */
  readonly commanded: boolean | undefined;
}

/** A question about one side of every instance. The answers are counts. */
export type SideQuestion =
  /** Label `value`: 1 and 0. */
  | { readonly kind: 'commanded' }
  | { readonly kind: 'accepted'; readonly sinceMs: number; readonly commanded?: boolean }
  | { readonly kind: 'unauthorized'; readonly sinceMs: number }
  /** Of those that refused since the first mark; label `state`: see {@link encodeState}. */
  | { readonly kind: 'states'; readonly marksMs: readonly number[] };
export type AskSide = (question: SideQuestion) => Promise<readonly InstantSample[]>;

/** What one instance shows of a side, as numbers: how many marks a response has passed, and which was the later one. */
export interface SideState {
  readonly accepted: number;
  readonly unauthorized: number;
  readonly isAcceptedLater: boolean;
  readonly commanded: boolean | undefined;
}

const COMMANDED = [undefined, true, false] as const;

/** Returns one number for a state; `marks`: how many marks there are. */
export function encodeState({ accepted, unauthorized, isAcceptedLater, commanded }: SideState, marks: number): number {
  const times = unauthorized * (marks + 1) + accepted;
  return (times * 2 + Number(isAcceptedLater)) * COMMANDED.length + COMMANDED.indexOf(commanded);
}

function decodeState(state: number, marks: number): SideState {
  const times = Math.floor(state / COMMANDED.length / 2);
  return {
    unauthorized: Math.floor(times / (marks + 1)),
    accepted: times % (marks + 1),
    isAcceptedLater: Math.floor(state / COMMANDED.length) % 2 === 1,
    commanded: COMMANDED[state % COMMANDED.length],
  };
}

/**
 * Groups a fleet by what it shows of one side. Times become representative ones, between the same marks: a rule that
 * compares times with marks, and with each other, says of a group what it says of each instance in it.
 * @param marksMs the moments that rules compare with, ascending.
 */
export async function readSideGroups(
  ask: AskSide,
  { live, marksMs, nowMs }: { readonly live: number; readonly marksMs: readonly number[]; readonly nowMs: number },
): Promise<readonly SideGroup[]> {
  const [first = 0] = marksMs;
  const countOf = async (question: SideQuestion) => (await ask(question))[0]?.value ?? 0;
  const [commands, refusing, ...accepting] = await Promise.all([
    ask({ kind: 'commanded' }),
    marksMs.length === 0 ? 0 : countOf({ kind: 'unauthorized', sinceMs: first }),
    ...marksMs.map((sinceMs) => countOf({ kind: 'accepted', sinceMs })),
  ]);
  const sizes = sizesOf(commands, live);
  // One class is what the others leave: mostly there is one alone.
  const [last, ...others] = COMMANDED.filter((commanded) => sizes.get(commanded) !== 0);
  const accepted = new Map([[last, [...accepting]]]);
  const ofClass = async (commanded: boolean) => {
    const counts = await Promise.all(marksMs.map((sinceMs) => countOf({ kind: 'accepted', sinceMs, commanded })));
    accepted.set(commanded, counts);
    subtract(accepted.get(last), counts);
  };
  const [states] = await Promise.all([
    refusing === 0 ? [] : ask({ kind: 'states', marksMs }),
    Promise.all(others.map((commanded) => ofClass(commanded === true))),
  ]);
  const groups: SideGroup[] = [];
  for (const { labels, value: count } of states) {
    const state = decodeState(Number(labels['state']), marksMs.length);
    groups.push({ count, commanded: state.commanded, ...timesOf(state, marksMs, nowMs) });
    sizes.set(state.commanded, Number(sizes.get(state.commanded)) - count);
    subtract(
      accepted.get(state.commanded),
      Array.from({ length: state.accepted }, () => count),
    );
  }
  for (const [commanded, size] of sizes) {
    const since = [size, ...(accepted.get(commanded) ?? [])];
    for (const [passed, count] of since.entries()) {
      const alike = count - Math.max(0, since[passed + 1] ?? 0);
      const state = { accepted: passed, unauthorized: 0, isAcceptedLater: true };
      if (alike > 0) groups.push({ count: alike, commanded, ...timesOf(state, marksMs, nowMs) });
    }
  }
  return groups;
}

/** Groups a fleet by whether it refused a valid token of a side alone; `sinceMs`: absent, and it is not known. */
export async function readRefusals(
  ask: AskSide,
  { live, sinceMs, nowMs }: { readonly live: number; readonly sinceMs: number | undefined; readonly nowMs: number },
): Promise<readonly SideGroup[]> {
  const refusing = sinceMs === undefined ? [] : await ask({ kind: 'unauthorized', sinceMs });
  const count = refusing[0]?.value ?? 0;
  const unknown = { acceptedMs: null, commanded: undefined };
  const groups: readonly SideGroup[] = [
    { ...unknown, count, unauthorizedMs: nowMs },
    { ...unknown, count: live - count, unauthorizedMs: null },
  ];
  return groups.filter((group) => group.count > 0);
}

function sizesOf(commands: readonly InstantSample[], live: number): Map<boolean | undefined, number> {
  const of = (value: string) => commands.find(({ labels }) => labels['value'] === value)?.value ?? 0;
  const [accepting, refusing] = [of('1'), of('0')];
  return new Map([
    [undefined, Math.max(0, live - accepting - refusing)],
    [true, accepting],
    [false, refusing],
  ]);
}

function subtract(from: number[] | undefined, counts: readonly number[]): void {
  for (const [index, count] of counts.entries()) from?.splice(index, 1, Number(from[index]) - count);
}

function timesOf(
  { accepted, unauthorized, isAcceptedLater }: Omit<SideState, 'commanded'>,
  marksMs: readonly number[],
  nowMs: number,
): SideResponses {
  const acceptedMs = timeAfter(accepted, marksMs, nowMs);
  const unauthorizedMs = timeAfter(unauthorized, marksMs, nowMs);
  const isTie = acceptedMs !== null && acceptedMs === unauthorizedMs && isAcceptedLater;
  return { acceptedMs: isTie ? acceptedMs + 0.5 : acceptedMs, unauthorizedMs };
}

/** The latest moment that has passed as many marks: a mark that moves on with the clock does not overtake it. */
function timeAfter(passed: number, marksMs: readonly number[], nowMs: number): number | null {
  const mark = marksMs[passed - 1];
  if (mark === undefined) return null;
  return Math.max(mark, (marksMs[passed] ?? nowMs + 1) - 1);
}

/** Asks about a side of all instances in the scope, in PromQL. */
export function sideAsker(query: InstantQuery, scope: FleetScope, side: Side): AskSide {
  return (question) => query(sideQuery(scope, side, question));
}

/** Selects when the API last took, or refused, a token of a side. */
export function responsesOf(scope: FleetScope, side: Side, response: 'accepted' | 'unauthorized'): string {
  const labels = `,audience="${side}",response="${response}"`;
  return scope.select(METRICS.apiResponse, labels, ['audience', 'response']);
}

function sideQuery(scope: FleetScope, side: Side, question: SideQuestion): string {
  const accepted = responsesOf(scope, side, 'accepted');
  const unauthorized = responsesOf(scope, side, 'unauthorized');
  const accepts = scope.select(METRICS.accepts, `,audience="${side}"`);
  const here = (promql: string) => `${promql} and on (job, instance)`;
  switch (question.kind) {
    case 'commanded':
      return `count_values("value", ${accepts})`;
    case 'unauthorized':
      return `count(${unauthorized} >= ${secondsOf(question.sinceMs)})`;
    case 'accepted': {
      const counted = `${accepted} >= ${secondsOf(question.sinceMs)}`;
      const { commanded } = question;
      return commanded === undefined
        ? `count(${counted})`
        : `count(${here(counted)} (${accepts} == ${Number(commanded)}))`;
    }
    case 'states': {
      const marks = question.marksMs.map(secondsOf);
      const refusing = `(${unauthorized} >= ${marks[0]})`;
      const taking = `(${here(accepted)} ${refusing})`;
      const passed = (times: string) => marks.map((mark) => `(${times} >= bool ${mark})`).join(' + ');
      const weigh = (part: string, weight: number, promql: string) =>
        `label_replace(${weight} * (${promql}), "part", "${part}", "", "")`;
      const zero = { accepted: 0, unauthorized: 0, isAcceptedLater: false, commanded: undefined };
      const weightOf = (state: Partial<SideState>) => encodeState({ ...zero, ...state }, marks.length);
      const parts = [
        weigh('unauthorized', weightOf({ unauthorized: 1 }), passed(refusing)),
        weigh('accepted', weightOf({ accepted: 1 }), passed(taking)),
        weigh('later', weightOf({ isAcceptedLater: true }), `${taking} > bool ignoring (response) ${refusing}`),
        weigh('commanded', weightOf({ commanded: true }), `${here(`(2 - ${accepts})`)} ${refusing}`),
      ];
      return `topk(100, count_values("state", sum by (job, instance) (${parts.join(' or ')})))`;
    }
  }
}

/** Returns ms as PromQL has them. */
export function secondsOf(ms: number): string {
  return `${ms / 1000}`;
}
