import { ISSUE_TARGET_FLAG } from '@crossfade/core';
import type { Client, EvaluationDetails, FlagMetadata, JsonValue } from '@openfeature/server-sdk';

/** What evaluates flags: an OpenFeature client. */
export type EvaluationClient = Pick<Client, 'getBooleanDetails' | 'getNumberDetails' | 'getObjectDetails'>;

/** A flag as the flag document has it. */
export type FlagJson = Readonly<Record<string, JsonValue>>;

/** A flag could not be evaluated. The message never holds a flag's value, nor what the provider said of it. */
export class EvaluationError extends Error {
  constructor(flag: string, code: string) {
    super(`could not evaluate ${flag} (${code})`);
    this.name = 'EvaluationError';
  }
}

/** The number flag beside a boolean `issue-target`, as a boolean has no attributes. */
const PERCENT_FLAG = `${ISSUE_TARGET_FLAG}-percent`;
// Providers disagree on what a flag of another type is.
const OTHER_TYPE: readonly string[] = ['TYPE_MISMATCH', 'PARSE_ERROR'];

type Outcome =
  | { readonly kind: 'value'; readonly value: JsonValue; readonly metadata: FlagMetadata }
  | { readonly kind: 'none' };

const NONE: Outcome = { kind: 'none' };

/**
 * Evaluates a switch: an object flag in the document's shape, or a boolean one. The percentage of a boolean
 * `issue-target` is the number flag `issue-target-percent`, and revision and since are its flag metadata. `undefined`: there is no such flag.
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

/** Evaluates a feature flag: a boolean, or an object in the document's shape. `undefined`: there is no such flag. */
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

/** Asks twice, with different defaults: a default that comes back is no value, whatever reason is given for it. */
async function evaluate<T extends JsonValue>(
  name: string,
  defaults: readonly [T, T],
  details: (name: string, defaultValue: T) => Promise<EvaluationDetails<T>>,
): Promise<Outcome> {
  const [first, second] = await Promise.all(defaults.map((value) => details(name, value)));
  const code = first?.errorCode ?? second?.errorCode;
  if (code === 'FLAG_NOT_FOUND' || (code !== undefined && OTHER_TYPE.includes(code))) return NONE;
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
