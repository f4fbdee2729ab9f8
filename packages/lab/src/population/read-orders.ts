import { SIDES } from '@crossfade/core';
import { z } from 'zod';
import type { RequestOutcome } from '../ledger/ledger.ts';

const ordersSchema = z.object({ audience: z.enum(SIDES) });

/** Reads the response to a request with a valid token. */
export function readOrders({ status, body }: { readonly status: number; readonly body: string }): RequestOutcome {
  if (status === 200) {
    const orders = ordersSchema.safeParse(parseJson(body));
    if (orders.success) return { outcome: 'accepted', side: orders.data.audience };
    return { outcome: 'unavailable', because: 'a 200 response without orders' };
  }
  if (status === 401 || status === 403 || status >= 500) return { outcome: 'rejected', status };
  return { outcome: 'unavailable', because: `a ${status} response instead of orders` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
