/** What the sidecar logs to: structured fields, and a message. A pino logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Logs nothing. */
export const SILENT_LOG: Log = { info() {}, warn() {} };
