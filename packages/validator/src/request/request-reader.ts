/** How a guard reads the requests of one kind of server. */
export interface RequestReader<R> {
  /** The `Authorization` value; all values in order if the request repeats the header. */
  authorization(request: R): string | readonly string[] | undefined;
  /** Every value of another header, in order; `name` in lower case. */
  headerValues(request: R, name: string): readonly string[];
  /** The names of all headers, in any case. */
  headerNames(request: R): readonly string[];
  method(request: R): string;
  /** Whether a body follows that no header announces. Absent: the headers say it. */
  hasBody?(request: R): boolean;
  /**
   * What the client's URL begins with, as far as the server can tell: scheme, host, and the path that trusted proxies
   * have stripped. Ends without a slash.
   */
  base(request: R): string;
  /** Path and query as the client sent them, or an absolute URL (RFC 9112 §3.2.2). */
  target(request: R): string;
  /** The thumbprint of the certificate whose key the client proved to hold on this connection (RFC 8705 §3.1). */
  certificate(request: R): string | undefined;
}
