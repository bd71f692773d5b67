/**
 * What another attempt may mend. From 520 on they are those of Cloudflare, which stands before Docker Hub and others, for
 * servers behind it that it does not reach; 526, a certificate that it does not trust, stays
 * ({@link https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/}). 449 is IIS's
 * wish for another attempt, 499 nginx's word for a connection that was closed behind it, 509 a used up bandwidth, 598 and 599
 * timeouts of proxies.
 */
const PASSING = new Set([
  408, 425, 449, 499, 500, 502, 503, 504, 509, 520, 521, 522, 523, 524, 525, 527, 529, 530, 598, 599,
]);

/** Statuses of a server that did not look at the request, or does so again without harm. */
export const isPassingStatus = (status: number): boolean => PASSING.has(status);

/**
 * The same of a request that must not be done twice: a server that answered so has not done it (it is too busy, or was not
 * reached), where another may have begun.
 */
export const isUndoneStatus = (status: number): boolean => UNDONE.has(status);

/** 521, 523, 525 and 530 come before there is a connection to the server behind Cloudflare; 425 before it looks at what came. */
const UNDONE = new Set([425, 503, 521, 523, 525, 530]);
