/** A `fetch` that refreshes with a refresh token once: a second request with it gets the same response, for half a minute. */
export function refreshOnce(send: typeof fetch = fetch): typeof fetch {
  const responses = new Map<string, Promise<Response>>();

  async function refresh(spent: string, input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const known = responses.get(spent);
    const response = known ?? send(input, init);
    responses.set(spent, response);
    const { ok } = await response.catch((error: unknown) => {
      responses.delete(spent);
      throw error;
    });
    if (!ok) responses.delete(spent);
    else if (known === undefined) setTimeout(() => responses.delete(spent), 30_000).unref();
    return (await response).clone();
  }

  return (input, init) => {
    const body = new URLSearchParams(init?.body instanceof URLSearchParams ? init.body : String(init?.body ?? ''));
    const spent = body.get('grant_type') === 'refresh_token' ? body.get('refresh_token') : null;
    return spent === null ? send(input, init) : refresh(spent, input, init);
  };
}
