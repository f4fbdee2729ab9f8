/** One response of the emulator, as the SDK's own middleware saw it. */
export interface RecordedResponse {
  readonly operation: string;
  readonly status: number;
  /** The exception the SDK threw; absent: none. */
  readonly error?: string;
  /** Whether the SDK has a class for the exception, not only the base class of the service. */
  readonly modelled?: boolean;
  /** `Reason`, and the problem or the type inside `Details`, of a bad request. */
  readonly detail?: string;
  readonly errorTypeHeader?: string | undefined;
  readonly hasRequestId: boolean;
}

type Handler<A, R> = (args: A) => Promise<R>;

/** Middleware for the SDK's `deserialize` step that records the raw responses. */
export function recordInto(responses: RecordedResponse[]) {
  return <A extends object, R extends { readonly response: unknown }>(
    next: Handler<A, R>,
    context: { readonly commandName?: string },
  ): Handler<A, R> =>
    async (args) => {
      const operation = context.commandName?.replace(/Command$/, '') ?? 'unknown';
      try {
        const result = await next(args);
        responses.push({ operation, ...read(result.response) });
        return result;
      } catch (error) {
        const response = error instanceof Error ? (error as Error & { $response?: unknown }).$response : undefined;
        if (response !== undefined && error instanceof Error) {
          responses.push({
            operation,
            ...read(response),
            error: error.name,
            modelled: error.constructor.name === error.name,
            ...detailOf(error),
          });
        }
        throw error;
      }
    };
}

function read(response: unknown): Pick<RecordedResponse, 'status' | 'errorTypeHeader' | 'hasRequestId'> {
  const { statusCode, headers } = response as { statusCode: number; headers: Readonly<Record<string, string>> };
  return {
    status: statusCode,
    errorTypeHeader: headers['x-amzn-errortype'],
    hasRequestId: headers['x-amzn-requestid'] !== undefined,
  };
}

interface BadRequest {
  readonly Reason?: string;
  readonly Details?: {
    readonly InvalidParameters?: Readonly<Record<string, { readonly Problem?: string }>>;
    readonly InvalidConfiguration?: readonly { readonly Type?: string }[];
  };
}

function detailOf(error: Error): { readonly detail?: string } {
  const { Reason, Details } = error as Error & BadRequest;
  if (Reason === undefined) return {};
  const inside =
    Object.values(Details?.InvalidParameters ?? {})[0]?.Problem ?? Details?.InvalidConfiguration?.[0]?.Type ?? 'none';
  return { detail: `${Reason}: ${inside}` };
}
