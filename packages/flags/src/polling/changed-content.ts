/**
 * The content of an answer of AppConfig's data plane; `null` when it is the same as before. "Unchanged" was an empty
 * array, then absent, and is `null` today, whatever the SDK's type says.
 */
export function changedContent(configuration: Uint8Array | null | undefined): Uint8Array | null {
  return configuration == null || configuration.byteLength === 0 ? null : configuration;
}
