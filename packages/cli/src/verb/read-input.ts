import { ConfigError } from '@crossfade/core';

const MAX_LENGTH = 65_536;

/**
 * Reads a stream to its end as text; empty without a stream.
 * @throws `ConfigError` when it is longer than 64 Ki characters, and so not a token.
 */
export async function readInput(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) {
    text += String(chunk);
    if (text.length > MAX_LENGTH)
      throw new ConfigError('stdin', [
        { path: '-', message: 'is longer than 64 Ki characters: expected one access token' },
      ]);
  }
  return text;
}
