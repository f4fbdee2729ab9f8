import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedSide, type SideResponses } from '../../src/gate/accepted-side.ts';
import { legacyHold } from '../../src/gate/legacy-hold.ts';
import { type AskSide, encodeState, readSideGroups, type SideGroup } from '../../src/metrics/side-groups.ts';

const NOW_MS = 1_000_000;
const SILENCE_MS = 400_000;
const FLAGS_TAKE_MS = 90_000;

type Instance = SideResponses & { readonly commanded: boolean | undefined };

/** Answers about a fleet as Prometheus does: a time of 0 is never. */
function askOf(fleet: readonly Instance[]): AskSide {
  const counted = (name: string, values: readonly (string | number)[]) =>
    [...new Set(values)].map((value) => ({
      labels: { [name]: `${value}` },
      value: values.filter((other) => other === value).length,
    }));
  const count = (instances: readonly Instance[]) =>
    instances.length === 0 ? [] : [{ labels: {}, value: instances.length }];
  return async (question) => {
    switch (question.kind) {
      case 'commanded':
        return counted(
          'value',
          fleet.flatMap(({ commanded }) => (commanded === undefined ? [] : [Number(commanded)])),
        );
      case 'unauthorized':
        return count(fleet.filter(({ unauthorizedMs }) => (unauthorizedMs ?? 0) >= question.sinceMs));
      case 'accepted':
        return count(
          fleet.filter(
            ({ acceptedMs, commanded }) =>
              (acceptedMs ?? 0) >= question.sinceMs &&
              (question.commanded === undefined || commanded === question.commanded),
          ),
        );
      case 'states': {
        const { marksMs } = question;
        const passed = (ms: number | null) => marksMs.filter((mark) => (ms ?? 0) >= mark).length;
        const states = fleet
          .filter(({ unauthorizedMs }) => (unauthorizedMs ?? 0) >= (marksMs[0] ?? 0))
          .map(({ acceptedMs, unauthorizedMs, commanded }) =>
            encodeState(
              {
                accepted: passed(acceptedMs),
                unauthorized: passed(unauthorizedMs),
                isAcceptedLater: (acceptedMs ?? 0) > (unauthorizedMs ?? 0),
                commanded,
              },
              marksMs.length,
            ),
          );
        return counted('state', states);
      }
    }
  };
}

const moments = fc.option(
  fc.oneof(
    fc.integer({ min: 1, max: NOW_MS + 5000 }),
    // Around the marks.
    ...[NOW_MS - SILENCE_MS, NOW_MS - FLAGS_TAKE_MS, NOW_MS].map((ms) => fc.integer({ min: ms - 2, max: ms + 2 })),
  ),
  { nil: null },
);
const instances = fc.record({
  acceptedMs: moments,
  unauthorizedMs: moments,
  commanded: fc.constantFrom(undefined, true, false),
});
const fleets = fc.array(instances, { minLength: 1, maxLength: 30 });
const moves = fc.integer({ min: NOW_MS - SILENCE_MS - 10, max: NOW_MS });

/** Counts what a rule says of each instance, or of each group as often as it has instances. */
function tally(groups: readonly (Instance & { readonly count?: number })[], rule: (instance: Instance) => string) {
  const counts: Record<string, number> = {};
  for (const { count = 1, ...instance } of groups) {
    const said = rule(instance);
    counts[said] = (counts[said] ?? 0) + count;
  }
  return counts;
}

function ascending(marks: readonly number[]): readonly number[] {
  return [...new Set(marks)].sort((one, other) => one - other);
}

describe('a fleet that is grouped by what it shows of a side', () => {
  it('is judged as each of its instances is, since a move and within the silence', async () => {
    await fc.assert(
      fc.asyncProperty(fleets, moves, async (fleet, movedMs) => {
        const marksMs = ascending([NOW_MS - SILENCE_MS, Math.max(movedMs, NOW_MS - SILENCE_MS)]);
        const groups = await readSideGroups(askOf(fleet), { live: fleet.length, marksMs, nowMs: NOW_MS });
        for (const moved of [movedMs, null]) {
          const window = { movedMs: moved, silenceMs: SILENCE_MS, nowMs: NOW_MS };
          const accepts = (instance: Instance) => acceptedSide(instance, instance.commanded, window);
          expect(tally(groups, accepts)).toEqual(tally(fleet, accepts));
          const shows = (instance: Instance) => acceptedSide(instance, undefined, window);
          const isCommanded = fleet.some(({ commanded }) => commanded !== undefined);
          if (!isCommanded) expect(tally(groups, shows)).toEqual(tally(fleet, shows));
        }
        const refused = ({ unauthorizedMs }: Instance) =>
          `${unauthorizedMs !== null && unauthorizedMs >= Math.max(movedMs, NOW_MS - SILENCE_MS)}`;
        expect(tally(groups, refused)).toEqual(tally(fleet, refused));
      }),
    );
  });

  it('holds a rollback with as many instances as each by itself would', async () => {
    await fc.assert(
      fc.asyncProperty(fleets, moves, async (fleet, reopenedMs) => {
        const marksMs = ascending([1, NOW_MS - SILENCE_MS, reopenedMs, NOW_MS - FLAGS_TAKE_MS + 1]);
        const groups = await readSideGroups(askOf(fleet), { live: fleet.length, marksMs, nowMs: NOW_MS });
        const reopening = { reopenedMs, flagsTakeMs: FLAGS_TAKE_MS, silenceMs: SILENCE_MS, nowMs: NOW_MS };
        const holds = ({ commanded, ...responses }: Instance) =>
          legacyHold({ meter: '', responses, commanded, isLive: true }, reopening)?.why ?? 'holds nothing';
        expect(tally(groups, holds)).toEqual(tally(fleet, holds));
      }),
    );
  });

  it('has each instance in one group, also while instances come and go between the questions', async () => {
    const fleet: Instance[] = [
      { acceptedMs: 5, unauthorizedMs: null, commanded: undefined },
      { acceptedMs: null, unauthorizedMs: 9, commanded: true },
    ];
    const groups = await readSideGroups(askOf(fleet), { live: 1, marksMs: [4], nowMs: 20 });
    expect(groups.every(({ count }: SideGroup) => count > 0)).toBe(true);
  });

  it('tells commands alone where no rule compares times', async () => {
    const fleet: Instance[] = [
      { acceptedMs: 5, unauthorizedMs: null, commanded: undefined },
      { acceptedMs: null, unauthorizedMs: 9, commanded: false },
    ];
    expect(await readSideGroups(askOf(fleet), { live: 2, marksMs: [], nowMs: 20 })).toEqual([
      { count: 1, commanded: undefined, acceptedMs: null, unauthorizedMs: null },
      { count: 1, commanded: false, acceptedMs: null, unauthorizedMs: null },
    ]);
  });
});
