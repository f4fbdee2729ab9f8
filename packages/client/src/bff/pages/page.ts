/** A page that a user sees when a login or a logout ends without a redirect. */
export interface BffPage {
  /**
   * `declined`: the user said no. `expired`: the login was used, is too old, or was started in another browser. `failed`: a
   * check failed. `refused`: the provider refuses the application. `unavailable`: something is down. `loop`: too many logins
   * in a row.
   */
  readonly kind:
    | 'declined'
    | 'expired'
    | 'failed'
    | 'refused'
    | 'unavailable'
    | 'loop'
    | 'signed_out'
    | 'confirm_logout';
  readonly status: number;
  /** One sentence for the user. */
  readonly text: string;
  /** Where to go on: a path of the application; empty for the URL of the page itself. */
  readonly action: { readonly label: string; readonly href: string; readonly method: 'GET' | 'POST' };
  /** Names the failed check to the operator, never its value. */
  readonly code: string;
}
