export const GROWTH_TYPES = ['LINEAR', 'EXPONENTIAL'] as const;

/** How the share of clients that receive a deployment grows. */
export interface Growth {
  readonly growthType: (typeof GROWTH_TYPES)[number];
  /** Percent, 1..100: of each step if linear, of the first one if exponential. */
  readonly growthFactor: number;
  readonly durationMinutes: number;
}

export interface GrowthStep {
  readonly percentage: number;
  /** After the start of the deployment. */
  readonly afterMs: number;
}

/**
 * Returns the steps of a deployment: linear `G, 2G, 3G ...`, exponential `G*2^N`, the last one 100. They are evenly
 * spread from the start, so the last step begins one interval before the duration ends.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-deployment-strategy.html
 */
export function growthSteps({ growthType, growthFactor, durationMinutes }: Growth): readonly GrowthStep[] {
  const percentages: number[] = [];
  if (durationMinutes > 0) {
    let next = growthFactor;
    while (next < 100) {
      percentages.push(next);
      next = growthType === 'LINEAR' ? next + growthFactor : next * 2;
    }
  }
  percentages.push(100);
  const intervalMs = (durationMinutes * 60_000) / percentages.length;
  return percentages.map((percentage, index) => ({ percentage, afterMs: index * intervalMs }));
}
