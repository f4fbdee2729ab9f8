import type { AudienceClass, ObservedAcceptance } from '@crossfade/core';
import type { ForwardedHeadersStatus, OpenConnectionCounts, StragglerStatus } from '@crossfade/core/status';
import type { MarkShown } from './dashboard-state.ts';

export const CLASS_LABELS: Readonly<Record<AudienceClass, { readonly name: string; readonly meaning: string }>> = {
  legacy: { name: 'legacy', meaning: 'verified, for the legacy audience' },
  target: { name: 'target', meaning: 'verified, for the target audience' },
  bridge: { name: 'bridge', meaning: 'verified, carries both audiences' },
  foreign: { name: 'foreign', meaning: 'verified, for neither audience' },
  opaque: { name: 'opaque', meaning: 'not a JWT, and no introspection endpoint' },
  invalid: { name: 'invalid', meaning: 'could not be verified' },
  none: { name: 'none', meaning: 'no token' },
};

export function describeIssuance(percent: number): string {
  if (percent <= 0) return 'every login asks for legacy';
  if (percent >= 100) return 'every login asks for target';
  return `${percent} % of logins ask for target`;
}

export function describeAcceptance(acceptance: ObservedAcceptance): string {
  return acceptance === 'both' ? 'accepts legacy and target' : `accepts ${acceptance} only`;
}

/** Labels what a straggler comes with. */
export function labelStraggler({
  accepted,
  reasons,
  stillMinting,
}: Pick<StragglerStatus, 'accepted' | 'reasons' | 'stillMinting'>): {
  readonly label: string;
  readonly verdict: 'fail' | 'idle';
} {
  if (stillMinting) return { label: 'still minting', verdict: 'fail' };
  if (accepted === 0) return { label: 'refused', verdict: 'fail' };
  return { label: accepted === reasons['bridge'] ? 'bridge' : 'using up', verdict: 'idle' };
}

/** Describes the connections that outlive the tokens that opened them. */
export function describeConnections({ legacy, target, bridge }: OpenConnectionCounts): string {
  const counts = `${formatCount(legacy)} legacy, ${formatCount(target)} target, ${formatCount(bridge)} bridge`;
  return `Open streams: ${counts}.`;
}

/** Describes whose forwarded headers were replaced. */
export function describeReplacedHeaders({ from }: Pick<ForwardedHeadersStatus, 'from'>): string {
  return `X-Forwarded-* of ${from.join(', ')} replaced: see sidecar.trustedProxies.`;
}

/** Labels a move in the chart; empty if only what the API shows changed. `before` is absent for the first mark. */
export function labelMark({ phase, percent }: MarkShown, before: MarkShown | undefined): string {
  if (before?.phase === phase && before.percent === percent) return '';
  if (phase === 'contract') return 'closed';
  if (before !== undefined && percent < before.percent && percent === 0) return 'rollback';
  if (before?.phase === 'contract') return 'reopened';
  return phase === 'migrate' ? `${percent} %` : phase;
}

/** Describes a change of phase or switch in a sentence. */
export function describeMark(mark: MarkShown, before: MarkShown | undefined): string {
  const sentence = `${mark.phase}: ${describeIssuance(mark.percent)}, the API ${describeAcceptance(mark.acceptance)}`;
  return before === undefined ? `${sentence} (when the history began)` : sentence;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** Formats a share of 0..1 in percent; shows 0 and 100 only for exactly these. */
export function formatShare(share: number | null): string {
  if (share === null) return '–';
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Formats a duration in its two largest units: `3 h 2 min`. */
export function formatSpan(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** Formats how long ago a time was. */
export function formatAgo(iso: string | null, nowMs: number): string {
  if (iso === null) return 'never';
  const ms = nowMs - Date.parse(iso);
  return ms < 1000 ? 'just now' : `${formatSpan(ms)} ago`;
}

/** Formats a time of day, with the date if it is another day. */
export function formatTime(timeMs: number, nowMs: number): string {
  const time = new Date(timeMs);
  const clock = time.toLocaleTimeString('en-GB');
  if (time.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
}
