/** Finds the candidate that `typed` most likely stands for; `undefined` when none is close. */
export function didYouMean(typed: string, candidates: readonly string[]): string | undefined {
  const slip = typed.length < 3 ? undefined : candidates.find((candidate) => editDistance(typed, candidate) <= 1);
  if (slip !== undefined) return slip;
  const containing = candidates.find((candidate) => candidate.toLowerCase().includes(typed.toLowerCase()));
  if (typed.length >= 3 && containing !== undefined) return containing;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Damerau-Levenshtein: how many letters must be added, removed, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let swapRow: number[] = [];
  let above: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          cell(above, j) + 1,
          cell(row, j - 1) + 1,
          cell(above, j - 1) + (isSame ? 0 : 1),
          isSwap ? cell(swapRow, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [swapRow, above] = [above, row];
  }
  return cell(above, b.length);
}

function cell(row: readonly number[], index: number): number {
  return row[index] as number;
}
