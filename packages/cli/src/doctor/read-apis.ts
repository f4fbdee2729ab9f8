import { ConfigError } from '@crossfade/core';
import { isSecureUrl } from '@crossfade/core/schema';
import type { OptionValues } from '../verb/verb.ts';

/** Reads `--api`, URLs separated by commas; `undefined` without it. @throws `ConfigError` for one that must not get a token. */
export function readApis(options: OptionValues): readonly string[] | undefined {
  const text = options.text('api');
  if (text === undefined) return undefined;
  const apis = [...new Set(text.split(',').map((url) => url.trim()))];
  const message =
    'must be an https URL without credentials and fragment (http on loopback only), or several, separated by commas';
  if (apis.some((api) => !isSecureUrl(api) || api.includes('#')))
    throw new ConfigError('doctor', [{ path: '--api', message }]);
  return apis;
}
