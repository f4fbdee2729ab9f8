/** The variables of a process, as `process.env` holds them. */
type Environment = Readonly<Record<string, string | undefined>>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what no client secret holds (RFC 6749 §A.2).
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/;

/**
 * Checks a client secret that a plan names by its environment variable.
 * @returns what is wrong, to follow the name of the setting; `undefined` if nothing is. Never says the value.
 */
export function secretProblem(variable: string, environment: Environment): string | undefined {
  const secret = environment[variable];
  const named = `names the environment variable ${variable}, which`;
  if (secret === undefined) return `${named} is not set: set it to the client secret`;
  if (secret.trim() === '') return `${named} is empty: set it to the client secret`;
  if (CONTROL_CHARACTER.test(secret))
    return `${named} holds a control character, such as a line feed at its end: remove it`;
  return undefined;
}
