import type { LoginRequest } from '../../login/browser-login.ts';

type QueryResult = { readonly asked: LoginRequest } | { readonly invalid: string };

/** What a link may ask for. `none` is not among them: a user who follows a link would see that it failed. */
const PROMPT = /^(?:login|consent|select_account|create)(?: (?:login|consent|select_account|create))*$/;
const HINT = /^[^\p{Cc}]{1,320}$/u;
const ACR_VALUES = /^[\x21-\x7e]{1,200}(?: [\x21-\x7e]{1,200}){0,9}$/;
const MAX_AGE = /^\d{1,8}$/;

/**
 * Reads what the query of a login link asks for, or names the parameter that is wrong. Anyone can write such a link: what is
 * passed on can make a login stricter or fill in a name, and nothing else.
 * @see OIDC Core §3.1.2.1
 */
export function readLoginQuery(query: URLSearchParams): QueryResult {
  const rules = { prompt: PROMPT, login_hint: HINT, acr_values: ACR_VALUES, max_age: MAX_AGE };
  for (const [name, rule] of Object.entries(rules)) {
    const values = query.getAll(name);
    if (values.length > 1 || !values.every((value) => rule.test(value))) return { invalid: name };
  }
  const maxAge = query.get('max_age');
  return {
    asked: {
      ...optional('prompt', query.get('prompt')),
      ...optional('loginHint', query.get('login_hint')),
      ...optional('acrValues', query.get('acr_values')),
      ...(maxAge !== null && { maxAge: Number(maxAge) }),
    },
  };
}

function optional<Name extends string>(name: Name, value: string | null): { readonly [key in Name]?: string } {
  return value === null ? {} : ({ [name]: value } as { readonly [key in Name]: string });
}
