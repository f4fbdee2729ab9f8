const REASONS = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
};
/** How a request is refused that the HTTP server never sees. */
export type Refusal = keyof typeof REASONS;

/** The response, after which the connection is closed; as that of node:http, without a body. */
export function refusalResponse(status: Refusal): string {
  return `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\n\r\n`;
}

/** Most header sections have none of what is looked at here. */
const UNUSUAL = /^PRI |\r\n(?:transfer-encoding|upgrade):/i;
const CODINGS = /\r\ntransfer-encoding:([^\r]*)/gi;
const LENGTH = /\r\ncontent-length:/i;
const HOST = /\r\nhost:/i;
const UPGRADE = /\r\nupgrade:/i;
const OLD = /^[^\r]* HTTP\/1\.0\r\n/;
/** The preface of HTTP/2: to HTTP/1.1 a method that never ends (RFC 9113 §3.4). */
const PREFACE = /^PRI /;
const LIST = /^[\t ]*[!#$%&'*+.^_`|~0-9a-z-]+(?:[\t ]*,[\t ]*[!#$%&'*+.^_`|~0-9a-z-]+)*[\t ]*$/i;

/**
 * @param head a whole header section.
 * @returns 501 for a transfer coding other than `chunked` alone, which has to be undone to read the body (RFC 9112 §6.1);
 * 400 for one in HTTP/1.0, together with a length or in no known syntax, and for an upgrade without `Host` (§3.2);
 * `undefined` for everything else, whatever it is.
 */
export function refusalOf(head: string): Refusal | undefined {
  if (!UNUSUAL.test(head)) return undefined;
  const isOld = OLD.test(head);
  if (PREFACE.test(head) || (!isOld && UPGRADE.test(head) && !HOST.test(head))) return 400;
  const codings = [...head.matchAll(CODINGS)].map(([, value = '']) => value);
  if (codings.length === 0) return undefined;
  const list = codings.join(',');
  if (isOld || LENGTH.test(head) || !LIST.test(list)) return 400;
  return list.trim().toLowerCase() === 'chunked' ? undefined : 501;
}

/** The option without which an `Upgrade` has no effect (RFC 9110 §7.8). */
const UPGRADE_OPTION = /\r\nconnection:(?:[^\r]*,)?[\t ]*upgrade[\t ]*[,\r]/i;

/** Whether it asks for another protocol: the HTTP server detaches the connection of such a request, and of no other. */
export function asksForUpgrade(head: string): boolean {
  return UPGRADE.test(head) && UPGRADE_OPTION.test(head);
}
