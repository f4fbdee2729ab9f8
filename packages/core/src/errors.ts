/** The errors, without the schemas: for a program whose start must be quick. The same classes as those of the package's root. */
export { didYouMean } from './schema/did-you-mean.ts';
export type { CrossfadeErrorCode, Dependency, Problem } from './vocabulary/error.ts';
export {
  ConfigError,
  ConflictError,
  CrossfadeError,
  describeProblem,
  errorCode,
  UnavailableError,
} from './vocabulary/error.ts';
