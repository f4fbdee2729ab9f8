import { interleave } from './interleave.ts';
import { judgeCandidates } from './judge.ts';

const OPTIONS = { rounds: 15, operations: 300 };

process.stdout.write(
  `One token after the other, ${OPTIONS.rounds} interleaved rounds of ${OPTIONS.operations}; medians; ratio to the first of each group.\n` +
    'All check: algorithm list, signature, iss, both audiences, exp.\n\n',
);
for (const algorithm of ['RS256', 'ES256'] as const) {
  for (const { name, wallUs, mainThreadUs, ratio } of await interleave(await judgeCandidates(algorithm), OPTIONS)) {
    const figures = [wallUs, mainThreadUs].map((us) => `${us.toFixed(1)} us`.padStart(10)).join(' ');
    process.stdout.write(`${name.padEnd(26)} wall/main ${figures}  x${ratio.toFixed(2)}\n`);
  }
}
