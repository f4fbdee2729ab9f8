import { type BffOptions, createBff, LoginRequiredError } from '@crossfade/client';

export function createApp(options: BffOptions, ordersUrl: string): (request: Request) => Promise<Response> {
  const bff = createBff(options);

  async function application(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/orders') return new Response('not found', { status: 404 });
    try {
      return await bff.fetch(request, ordersUrl);
    } catch (error) {
      if (error instanceof LoginRequiredError) return new Response(null, { status: 401 });
      throw error;
    }
  }

  return async (request) => (await bff.handle(request)) ?? application(request);
}
