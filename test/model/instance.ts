import type { Rules } from './rules.ts';
import { blankMeter, boundsOf, type Instance } from './state.ts';
import { type PresentedToken, sidesOf } from './token.ts';
import type { World } from './world.ts';

/** One step of an instance by itself. */
export interface InstanceStep {
  readonly label: string;
  readonly instance: Instance;
}

export interface InstanceRules {
  /** The next steps of the instance, given the acceptance in the flag store. */
  steps(instance: Instance, index: number, commandedClosed: number): readonly InstanceStep[];
  accepts(instance: Instance, token: PresentedToken): boolean;
  /** The instance after its meter observed the response to a valid token; `tokenAge` is the age of a legacy token. */
  observed(instance: Instance, index: number, token: PresentedToken, tokenAge: number): Instance;
  tick(instance: Instance): Instance;
}

export function createInstanceRules(world: World, rules: Rules): InstanceRules {
  const { window, horizon } = boundsOf(world);
  const blank = blankMeter(world);
  const bootClosed = rules.bootstrap === 'target' ? 1 : 0;

  function steps(instance: Instance, index: number, commandedClosed: number): InstanceStep[] {
    const name = `instance ${index + 1}`;
    const { dual, closed, diskClosed } = instance;
    const cold = { ...blank, up: 1, dual: 1, closed: bootClosed, diskClosed: bootClosed };
    if (instance.up === 0) {
      const restarts = [
        { label: `${name} starts cold, with the defaults`, instance: dual === 1 ? cold : { ...cold, dual, closed: 0 } },
      ];
      if (diskClosed === 1) {
        restarts.push({
          label: `${name} starts with its disk: legacy closed`,
          instance: { ...cold, closed: 1, diskClosed: 1, excused: instance.excused },
        });
      }
      return restarts;
    }
    const found: InstanceStep[] = [];
    if (dual === 0) {
      const upgraded = world.downgrades ? { ...instance, dual: 1, closed: bootClosed } : cold;
      found.push({ label: `${name} is upgraded`, instance: upgraded });
    }
    if (dual === 1 && closed !== commandedClosed) found.push(seesFlags(instance, name, commandedClosed));
    if (dual === 1 && diskClosed !== closed)
      found.push({ label: `${name} writes its disk`, instance: { ...instance, diskClosed: closed } });
    if (world.probes && dual === 1 && instance.shown === 0)
      found.push({ label: `${name} accepts the operator's probe`, instance: probed(instance) });
    if (world.crashes) {
      found.push({
        label: `${name} crashes`,
        instance: { ...blank, up: 0, dual, closed: 0, diskClosed, excused: instance.excused },
      });
    }
    if (world.amnesia)
      found.push({ label: `${name}'s meter restarts`, instance: { ...instance, ...blank, excused: instance.excused } });
    if (world.downgrades && dual === 1) {
      found.push({
        label: `${name} is rolled back to its previous image`,
        instance: { ...instance, dual: 0, closed: 0, diskClosed: 0 },
      });
    }
    return found;
  }

  function probed(instance: Instance): Instance {
    return { ...instance, targetSeen: 0, shown: 1 };
  }

  function seesFlags(instance: Instance, name: string, closed: number): InstanceStep {
    const label = `${name} sees the legacy audience ${closed === 1 ? 'closed' : 'reopened'}`;
    const diskClosed = rules.persistsFirst ? closed : instance.diskClosed;
    return { label, instance: { ...instance, closed, diskClosed, excused: closed === 1 ? instance.excused : 0 } };
  }

  function accepts({ dual, closed }: Instance, token: PresentedToken): boolean {
    return sidesOf(token).some((side) => (side === 'target' ? dual === 1 : dual === 0 || closed === 0));
  }

  return {
    steps,
    accepts,
    observed(instance, index, token, tokenAge) {
      if (index === world.blindMeter) return instance;
      if (!accepts(instance, token)) return { ...instance, unauthorized: 0, shown: 0 };
      const { legacy, target, acceptsTarget, disagreement } = rules.sighting(token);
      return {
        ...instance,
        ...(legacy && { legacySeen: 0, legacyIssued: Math.min(instance.legacyIssued, tokenAge) }),
        ...(target && { targetSeen: 0 }),
        ...(acceptsTarget && world.probes && { shown: 1 }),
        ...(disagreement && { [disagreement]: 0 }),
      };
    },
    tick(instance) {
      if (instance.up === 0) return instance;
      return {
        ...instance,
        watched: Math.min(horizon, instance.watched + 1),
        legacySeen: Math.min(window, instance.legacySeen + 1),
        legacyIssued: Math.min(horizon, instance.legacyIssued + 1),
        targetSeen: Math.min(window, instance.targetSeen + 1),
        unauthorized: Math.min(window, instance.unauthorized + 1),
        verified: Math.min(window, instance.verified + 1),
        unverified: Math.min(window, instance.unverified + 1),
      };
    },
  };
}
