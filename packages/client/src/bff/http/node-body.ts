import type { Readable } from 'node:stream';

/**
 * Returns what a Node.js stream reads as a stream of the web: read from it only as fast as its reader asks for.
 * @param onCancel called when the reader stops early. The stream itself is left as it is.
 */
export function nodeBody(source: Readable, onCancel: (source: Readable) => void): ReadableStream<Uint8Array> {
  let isReading = false;
  let hasSettled = false;

  function startReading(controller: ReadableStreamDefaultController<Uint8Array>): void {
    isReading = true;
    const settle = (work: () => void) => {
      if (!hasSettled) work();
      hasSettled = true;
    };
    source.on('data', (chunk: Uint8Array) => {
      if (hasSettled) return;
      source.pause();
      controller.enqueue(chunk);
    });
    source.on('end', () => settle(() => controller.close()));
    source.on('error', (error) => settle(() => controller.error(error)));
    source.on('close', () => settle(() => controller.error(new TypeError('the body ended early'))));
    if (source.destroyed) settle(() => controller.error(new TypeError('the body ended early')));
  }

  return new ReadableStream<Uint8Array>(
    {
      // Without a read no listener is added: Node.js then discards the body of a request itself.
      pull(controller) {
        if (!isReading) startReading(controller);
        source.resume();
      },
      cancel() {
        hasSettled = true;
        onCancel(source);
      },
    },
    { highWaterMark: 0 },
  );
}
