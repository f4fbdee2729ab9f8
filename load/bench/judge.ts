import { type BenchAlgorithm, createBenchIssuer } from './bench-issuer.ts';
import { type Candidate, interleave } from './interleave.ts';
import { signatureAlone } from './signature-alone.ts';
import { printTable } from './table.ts';
import { createCachingVerifiers, createVerifiers, FAST_JWT, JOSE, type Verifier } from './verifier.ts';

const TOKENS = 64;
/** Verifications in flight, as in a server that awaits them. */
const IN_FLIGHT = 16;

/** Prints the cost of judging one of a few tokens with one algorithm: verified each time, and cached. */
export async function benchJudge(algorithm: BenchAlgorithm): Promise<void> {
  const issuer = await createBenchIssuer(algorithm);
  const minted = await Promise.all(Array.from({ length: TOKENS }, (_, n) => issuer.mint({ subject: `auth0|${n}` })));
  const nextToken = arrivals(minted);
  const candidate = ({ name, verify, isOffThread }: Verifier, suffix = ''): Candidate => ({
    name: name + suffix,
    run: () => verify(nextToken()),
    ...(isOffThread === true ? { concurrency: IN_FLIGHT } : {}),
  });
  const figures = await interleave(
    [
      ...createVerifiers(issuer).map((verifier) => candidate(verifier)),
      ...signatureAlone(issuer).map((verifier) => candidate(verifier)),
      ...createCachingVerifiers(issuer).map((verifier) => candidate(verifier, ', cached')),
      { name: 'making the string', run: nextToken },
    ],
    { rounds: 15, sliceMs: 40 },
  );
  printTable(`${algorithm}, tokens of ${minted[0]?.length} bytes`, figures, [JOSE, `${FAST_JWT}, cached`]);
}

/** Returns the tokens in turn, each time as a new string, as a server receives them. */
function arrivals(tokens: readonly string[]): () => string {
  const received = tokens.map((token) => Buffer.from(token));
  let next = 0;
  return () => {
    next = (next + 1) % received.length;
    return received[next]?.toString('latin1') ?? '';
  };
}
