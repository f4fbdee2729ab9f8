import { expect, test } from 'vitest';
import { type ClientEvent, eventSink } from '../../src/events/client-event.ts';

const event: ClientEvent = { type: 'refresh', outcome: 'refreshed' };

test('a listener that throws, or rejects later, fails nothing', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  eventSink(() => {
    throw new Error('thrown');
  })(event);
  eventSink(async () => {
    throw new Error('rejected');
  })(event);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
