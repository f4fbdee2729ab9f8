import type { RecordedResponse } from './recorder.ts';
import type { ModelledOperation } from './sdk-model.ts';

export interface Coverage {
  /** Documented `operation: error` pairs of supported operations that no call produced. */
  readonly notSeen: readonly string[];
  /** The sentence of the README. */
  readonly summary: string;
  readonly text: string;
}

/** Compares the recorded responses with everything the SDK knows. */
export function coverageOf(operations: readonly ModelledOperation[], responses: readonly RecordedResponse[]): Coverage {
  const rows = operations.map((operation) => {
    const own = responses.filter((response) => response.operation === operation.name);
    const seen = new Set(own.flatMap(({ error }) => (error === undefined ? [] : [error])));
    const success = own.find(({ error }) => error === undefined)?.status;
    return { ...operation, seen, success };
  });
  const here = rows.filter(({ success }) => success !== undefined);
  const away = rows.filter(({ success, seen }) => success === undefined && seen.has('NotImplementedException'));
  const pairs = here.flatMap(({ name, errors, seen }) =>
    errors.map((error) => ({ pair: `${name}: ${error}`, isSeen: seen.has(error) })),
  );
  const notSeen = pairs.filter(({ isSeen }) => !isSeen).map(({ pair }) => pair);
  const shapes = new Map<string, number>();
  for (const { error, status, detail, modelled } of responses) {
    if (error === undefined) continue;
    const shape = `${status} ${error}${detail === undefined ? '' : ` (${detail})`}${modelled ? '' : ' [no class in the SDK]'}`;
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  }
  const text = [
    `operations in the SDK: ${rows.length}`,
    `  success: ${here.length}`,
    `  NotImplementedException: ${away.length}`,
    `errors that the SDK documents of the ${here.length}: ${pairs.length}`,
    `  received: ${pairs.length - notSeen.length}`,
    `  not received: ${notSeen.join(', ') || 'none'}`,
    '',
    'success  operation, and the errors received (+: documented by the SDK)',
    ...here.map(
      ({ name, success, seen, errors }) =>
        `${success}      ${name}: ${[...seen]
          .sort()
          .map((error) => `${errors.includes(error) ? '+' : ''}${error}`)
          .join(' ')}`,
    ),
    '',
    'not supported',
    ...away.map(({ name }) => `501      ${name}`),
    '',
    'error shapes received',
    ...[...shapes.keys()].sort(),
    '',
  ].join('\n');
  const summary =
    `${here.length} of the ${rows.length} operations of the two SDK clients, ` +
    `with ${pairs.length - notSeen.length} of the ${pairs.length} errors that the SDK documents for them.`;
  return { notSeen, summary, text };
}
