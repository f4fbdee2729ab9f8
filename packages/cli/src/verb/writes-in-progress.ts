let inProgress = 0;

/** How many writes of flags this process has begun and not finished. */
export function writesInProgress(): number {
  return inProgress;
}

/** Runs a write of flags. Until it is over, a repeated Ctrl-C does not end the program: half a write helps no operator. */
export async function finishWrite<Result>(write: () => Promise<Result>): Promise<Result> {
  inProgress += 1;
  try {
    return await write();
  } finally {
    inProgress -= 1;
  }
}
