/** What an HTTP/2 client sends first (RFC 9113 §3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Whether these are the first bytes of an HTTP/2 connection, or may become it. */
export function readPreface(bytes: Buffer): 'whole' | 'beginning' | 'none' {
  const length = Math.min(bytes.length, PREFACE.length);
  if (PREFACE.compare(bytes, 0, length, 0, length) !== 0) return 'none';
  return length === PREFACE.length ? 'whole' : 'beginning';
}
