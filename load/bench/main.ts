import { benchCollector } from './collector.ts';
import { benchCounting } from './counting.ts';
import { benchForwardAuth } from './forward-auth.ts';
import { benchJudge } from './judge.ts';
import { benchLatency } from './latency.ts';
import { benchMemory } from './memory.ts';
import { benchProxy } from './proxy.ts';
import { benchRoute } from './route.ts';
import { benchScale } from './scale/scale.ts';
import { benchStart } from './start.ts';

const PARTS = [
  'judge',
  'route',
  'memory',
  'collector',
  'counting',
  'forward-auth',
  'proxy',
  'latency',
  'start',
  'scale',
];
/** The parts to run; all by default, but for `scale`, which takes 25 minutes. */
const parts = process.argv.slice(2);
const unknown = parts.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`${unknown.join(', ')}: no such part. Parts: ${PARTS.join(', ')}\n`);
  process.exit(2);
}
const isRequested = (part: string) => parts.length === 0 || parts.includes(part);

if (isRequested('judge')) {
  process.stdout.write(
    'Every verifier checks one algorithm, the signature, iss, either of two audiences, and exp; crossfade judge also\n' +
      'checks all its other rules. Interleaved rounds, medians; ratios compare main-thread time within a round.\n',
  );
  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) await benchJudge(algorithm);
}
if (isRequested('route')) await benchRoute();
if (isRequested('memory')) await benchMemory();
if (isRequested('collector')) await benchCollector();
if (isRequested('counting')) await benchCounting();
if (isRequested('forward-auth')) await benchForwardAuth();
if (isRequested('proxy')) await benchProxy();
if (isRequested('latency')) await benchLatency();
if (isRequested('start')) await benchStart();
if (parts.includes('scale')) await benchScale();
