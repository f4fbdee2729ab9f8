/** The current time in milliseconds since the Unix epoch. `Date.now` is one. */
export type Clock = () => number;
