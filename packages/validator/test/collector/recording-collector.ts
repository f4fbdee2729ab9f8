import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { JudgementBatchHead, JudgementRecord } from '../../src/collector.ts';

export interface ReceivedBatch {
  readonly head: JudgementBatchHead;
  readonly records: readonly JudgementRecord[];
}

/** A collector that records batches, and responds as a test wants. */
export interface RecordingCollector {
  readonly url: string;
  readonly port: number;
  readonly batches: ReceivedBatch[];
  respond: (response: ServerResponse, batch: ReceivedBatch) => void;
  close(): Promise<void>;
}

export async function startRecordingCollector(port = 0): Promise<RecordingCollector> {
  const batches: ReceivedBatch[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const [head, ...records] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    batches.push({ head, records });
    collector.respond(response, { head, records });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  const collector: RecordingCollector = {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    batches,
    respond: (response) => response.end(),
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return collector;
}
