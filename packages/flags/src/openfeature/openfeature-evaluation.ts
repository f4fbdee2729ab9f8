import { ISSUE_TARGET_FLAG } from '@crossfade/core';
import type { Client, EvaluationDetails, FlagMetadata, JsonValue } from '@openfeature/server-sdk';

/** The methods of an OpenFeature client that evaluate flags. */
export type EvaluationClient = Pick<Client, 'getBooleanDetails' | 'getNumberDetails' | 'getObjectDetails'>;

/** A flag in the flag document's shape. */
export type FlagJson = Readonly<Record<string, JsonValue>>;

/** A flag could not be evaluated. The message never holds a flag's value or the provider's message. */
export class EvaluationError extends Error {
  constructor(flag: string, code: string) {
    super(`could not evaluate ${flag} (${code})`);
    this.name = 'EvaluationError';
  }
}

/** The number flag that goes with a boolean `issue-target`, which has no attributes. */
const PERCENT_FLAG = `${ISSUE_TARGET_FLAG}-percent`;
// Providers disagree on the code for a flag of another type.
const TYPE_ERRORS: readonly string[] = ['TYPE_MISMATCH', 'PARSE_ERROR'];

type Outcome =
  | { readonly kind: 'value'; readonly value: JsonValue; readonly metadata: FlagMetadata }
  | { readonly kind: 'none' };

const NONE: Outcome = { kind: 'none' };

/**
 * Evaluates a switch: an object flag in the document's shape, or a boolean flag. The percentage of a boolean
 * `issue-target` is the number flag `issue-target-percent`; its flag metadata holds `revision` and `since`. Returns
 * `undefined` if there is no such flag.
 */
export async function evaluateSwitch(client: EvaluationClient, name: string): Promise<FlagJson | undefined> {
  const whole = await evaluateObject(client, name);
  if (whole.kind === 'value' && isObject(whole.value)) return { ...attributesOf(whole.metadata), ...whole.value };
  const flag = await evaluateBoolean(client, name);
  if (flag.kind === 'none') return undefined;
  const percent = name === ISSUE_TARGET_FLAG && flag.value === true ? await evaluatePercent(client) : NONE;
  return {
    ...attributesOf(flag.metadata),
    ...(percent.kind === 'value' && { percent: percent.value }),
    enabled: flag.value,
  };
}

/** Evaluates a feature flag: a boolean, or an object in the document's shape. `undefined` if there is no such flag. */
export async function evaluateFeature(client: EvaluationClient, name: string): Promise<FlagJson | undefined> {
  const flag = await evaluateBoolean(client, name);
  if (flag.kind === 'value') return { enabled: flag.value };
  const whole = await evaluateObject(client, name);
  return whole.kind === 'value' && isObject(whole.value) ? whole.value : undefined;
}

function evaluateBoolean(client: EvaluationClient, name: string): Promise<Outcome> {
  return evaluate(name, [false, true], (key, value) => client.getBooleanDetails(key, value));
}

function evaluatePercent(client: EvaluationClient): Promise<Outcome> {
  return evaluate<number>(PERCENT_FLAG, [0, 1], (key, value) => client.getNumberDetails(key, value));
}

function evaluateObject(client: EvaluationClient, name: string): Promise<Outcome> {
  return evaluate<JsonValue>(name, [{}, []], (key, value) => client.getObjectDetails(key, value));
}

/** Evaluates twice, with different defaults, to tell a returned default from a value whatever reason it comes with. */
async function evaluate<T extends JsonValue>(
  name: string,
  defaults: readonly [T, T],
  details: (name: string, defaultValue: T) => Promise<EvaluationDetails<T>>,
): Promise<Outcome> {
  const [first, second] = await Promise.all(defaults.map((value) => details(name, value)));
  const code = first?.errorCode ?? second?.errorCode;
  if (code === 'FLAG_NOT_FOUND' || (code !== undefined && TYPE_ERRORS.includes(code))) return NONE;
  if (code !== undefined) throw new EvaluationError(name, code);
  if (first === undefined || JSON.stringify(first.value) !== JSON.stringify(second?.value)) return NONE;
  return { kind: 'value', value: first.value, metadata: first.flagMetadata };
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function attributesOf({ revision, since }: FlagMetadata): FlagJson {
  return { ...(revision !== undefined && { revision }), ...(since !== undefined && { since }) };
}
