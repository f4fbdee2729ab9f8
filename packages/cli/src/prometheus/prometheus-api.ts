import { readFile } from 'node:fs/promises';
import { CrossfadeError, errorCode, type PrometheusPlan, UnavailableError } from '@crossfade/core';
import { getJson } from '../verb/http-json.ts';

/** The HTTP API that Prometheus, Thanos, Mimir and VictoriaMetrics share. */
export interface PrometheusApi {
  /**
   * GETs a resource below `/api/v1`.
   * @throws `UnavailableError` that says why there is no response, without address, credential and payload.
   * @see https://prometheus.io/docs/prometheus/latest/querying/api/
   */
  get(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
}

const NO_PROMETHEUS =
  'gate.prometheus.url must be the address of its API, and not of a login page, Grafana or Alertmanager';

/** What a status says of the settings. */
const MEANINGS: Readonly<Record<number, string>> = {
  401: 'responded with 401: check basic, bearerTokenFile or sigv4 of gate.prometheus',
  403: 'responded with 403: this user may not query it; check basic, bearerTokenFile or sigv4 of gate.prometheus',
  404: 'responded with 404: check the path of gate.prometheus.url, below which /api/v1 must be',
  410: `responded with 410: ${NO_PROMETHEUS}`,
  422: 'responded with 422: it refused to evaluate the query; its log says why, such as a limit of samples or of time',
  429: 'responded with 429: it is asked too often; ask again later, or raise its limit for this user',
};

function meaningOf(status: number): string | undefined {
  if (status >= 300 && status < 400) return `responded with ${status}, a redirect: ${NO_PROMETHEUS}`;
  if (status >= 500) return `responded with ${status}: it starts, is overloaded or fails; ask again later`;
  return MEANINGS[status];
}

/** Asks the Prometheus of a plan. Secrets are read from their files for each request, because they are renewed. */
export function createPrometheusApi(settings: PrometheusPlan, signal: AbortSignal): PrometheusApi {
  const { url: baseUrl, timeoutMs, headers = {} } = settings;
  return {
    async get(path, parameters = {}) {
      const url = new URL(baseUrl);
      url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${path}`;
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      try {
        const proof = await authorize(settings, url);
        const ca = await readIfNamed(settings.ca, 'ca');
        const options = { headers: { ...headers, ...proof }, timeoutMs, ca, describe: meaningOf };
        return (await getJson(url.href, signal, options)).body;
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        throw new UnavailableError(`Prometheus ${error.message}${adviceOn(error)}`, { cause: error });
      }
    },
  };
}

/** A certificate that this machine does not trust is no outage, nor is a page of another server. */
function adviceOn({ message, cause }: UnavailableError): string {
  if (cause instanceof SyntaxError) return `: ${NO_PROMETHEUS}`;
  const code = errorCode(cause) ?? '';
  return /CERT|SIGNATURE/.test(code) && message.includes(code)
    ? ': its certificate is not trusted here; set gate.prometheus.ca to the authority that issued it'
    : '';
}

async function authorize(settings: PrometheusPlan, url: URL): Promise<Readonly<Record<string, string>>> {
  const { basic, sigv4, bearerTokenFile } = settings;
  if (basic !== undefined) {
    const password = await readSecret(basic.passwordFile, 'basic.passwordFile');
    return { authorization: `Basic ${Buffer.from(`${basic.username}:${password}`).toString('base64')}` };
  }
  if (bearerTokenFile !== undefined)
    return { authorization: `Bearer ${await readSecret(bearerTokenFile, 'bearerTokenFile')}` };
  if (sigv4 === undefined) return {};
  const { signRequest } = await import('./aws-signature.ts');
  return signRequest(url, sigv4).catch((error: unknown) => {
    if (error instanceof CrossfadeError || !(error instanceof Error)) throw error;
    const message = `cannot be asked: there are no AWS credentials to sign with (${error.name}): log in (aws sso login), or set AWS_PROFILE`;
    throw new UnavailableError(message, { cause: error });
  });
}

async function readIfNamed(path: string | undefined, setting: string): Promise<string | undefined> {
  return path === undefined ? undefined : read(path, setting);
}

/** A line feed at the end of a file is no part of a secret. */
async function readSecret(path: string, setting: string): Promise<string> {
  const secret = (await read(path, setting)).trim();
  if (/^[\x20-\x7e]+$/.test(secret)) return secret;
  throw new UnavailableError(
    `cannot be asked: the file of gate.prometheus.${setting} must hold one line of printable ASCII`,
  );
}

/** A file that cannot be read must not stop a rollback: it is an outage of what the file is for. */
async function read(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = errorCode(error) ?? 'unknown reason';
    throw new UnavailableError(`cannot be asked: the file of gate.prometheus.${setting} cannot be read (${reason})`, {
      cause: error,
    });
  }
}
