import { CrossfadeError } from '@crossfade/core';

/** The session can't be refreshed, now or ever: send the user through a login. */
export class LoginRequiredError extends CrossfadeError {
  constructor(why: string) {
    super('login_required', `the user must log in again: ${why}`);
  }
}
