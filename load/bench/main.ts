import { benchCollector } from './collector.ts';
import { benchCounting } from './counting.ts';
import { benchForwardAuth } from './forward-auth.ts';
import { benchJudge } from './judge.ts';
import { benchMemory } from './memory.ts';
import { benchProxy } from './proxy.ts';
import { benchRoute } from './route.ts';

/** Which parts to run: `judge`, `route`, `memory`, `collector`, `counting`, `forward-auth`, `proxy`; all of them when none is named. */
const parts = process.argv.slice(2);
const isAsked = (part: string) => parts.length === 0 || parts.includes(part);

if (isAsked('judge')) {
  process.stdout.write(
    'Every verifier checks one algorithm, the signature, iss, either of two audiences, and exp; crossfade judge all of\n' +
      'its other rules, too. Interleaved rounds, medians; ratios compare main-thread time within a round.\n',
  );
  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) await benchJudge(algorithm);
}
if (isAsked('route')) await benchRoute();
if (isAsked('memory')) await benchMemory();
if (isAsked('collector')) await benchCollector();
if (isAsked('counting')) await benchCounting();
if (isAsked('forward-auth')) await benchForwardAuth();
if (isAsked('proxy')) await benchProxy();
