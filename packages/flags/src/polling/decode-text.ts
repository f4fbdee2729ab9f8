const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8 and drops the byte order mark. Invalid bytes give an empty text, which readers refuse. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return '';
  }
}
