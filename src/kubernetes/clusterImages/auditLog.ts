import type { JsonObject } from "../../json";
import { POLICY_NAME, readPolicyMessage, type ToldImage } from "../admission/policyMessage";
import { eventsIn, parsedJson } from "./auditEvents";
import { at, textOrEmpty } from "./specImages";

/** An image outside the mirror that an API server has told of, in its audit log or an event. */
export interface ToldUse extends ToldImage {
  readonly namespace: string;
  /** `pods/web`, as the audit log names objects. */
  readonly object: string;
  /** Who has made it: an operator's service account, mostly. */
  readonly user?: string;
  readonly refused: boolean;
  /** How often. */
  readonly count: number;
  readonly last?: string;
}

/** What an audit log tells. */
export interface AuditLog {
  readonly uses: readonly ToldUse[];
  /** Images that messages only count, since there were too many for them. */
  readonly uncounted: number;
  /** Lines that name the policies and cannot be read. */
  readonly unread: number;
  /** Images beyond the ones that are kept. */
  readonly left: number;
}

/** One event with the objects of a large request is some megabytes; what is longer is no event. */
const LONGEST_LINE = 16 * 1024 * 1024;
/** A log may have been written to fill the memory of who reads it. */
const MOST_USES = 20_000;
const MARK = Buffer.from(POLICY_NAME);
const LINE_END = 0x0a;

/**
 * Reads the audit log of an API server, one event in a line ({@link https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/}),
 * or in the wrapping of the services that keep it. Strangers have written much of it, and it may be of any size.
 */
export async function readAuditLog(chunks: AsyncIterable<Uint8Array | string>): Promise<AuditLog> {
  const uses = new Map<string, ToldUse>();
  let [uncounted, unread, left] = [0, 0, 0];
  for await (const line of markedLines(chunks)) {
    const events = line === undefined ? undefined : eventsIn(line);
    if (!events) unread += 1;
    for (const event of events ?? []) {
      const { told, more } = toldBy(event);
      uncounted += more;
      for (const use of told) {
        const key = JSON.stringify([use.namespace, use.object, use.container, use.image, use.user, use.refused]);
        const known = uses.get(key);
        if (known) {
          const last = [known.last ?? "", use.last ?? ""].sort()[1];
          uses.set(key, { ...known, count: known.count + 1, ...(last && { last }) });
        } else if (uses.size < MOST_USES) uses.set(key, use);
        else left += 1;
      }
    }
  }
  return { uses: [...uses.values()], uncounted, unread, left };
}

/** The lines that name a policy; undefined for one that is too long. */
async function* markedLines(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string | undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer): void => {
    length += part.length;
    if (length <= LONGEST_LINE) parts.push(part);
    else parts = [];
  };
  const line = (): { marked: boolean; text?: string } => {
    const whole = Buffer.concat(parts);
    const tooLong = length > LONGEST_LINE;
    [parts, length] = [[], 0];
    if (tooLong) return { marked: true };
    return whole.includes(MARK) ? { marked: true, text: whole.toString("utf8") } : { marked: false };
  };
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END)) {
      take(rest.subarray(0, end));
      const { marked, text } = line();
      if (marked) yield text;
      rest = rest.subarray(end + 1);
    }
    take(rest);
  }
  const { marked, text } = line();
  if (marked) yield text;
}

/** Where the API server has the messages of bindings that audit ({@link https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/}). */
const FAILURES = "validation.policy.admission.k8s.io/validation_failure";

function toldBy(event: JsonObject): { told: ToldUse[]; more: number } {
  // A request has several events; what was decided stands in the last.
  if (event.stage === "RequestReceived" || event.stage === "ResponseStarted") return { told: [], more: 0 };
  const { objectRef, user, responseStatus } = event;
  const text = textOrEmpty(at(event.annotations, FAILURES));
  const failures = text === "" ? [] : parsedJson(text);
  const audited = (Array.isArray(failures) ? failures : []).flatMap((failure) =>
    textOrEmpty(at(failure, "policy")).startsWith(POLICY_NAME) ? textOrEmpty(at(failure, "message")) : [],
  );
  const refusal = textOrEmpty(at(responseStatus, "message"));
  const refused = refusal.includes(`'${POLICY_NAME}`) ? [refusal] : [];
  const subresource = textOrEmpty(at(objectRef, "subresource"));
  const use = {
    namespace: textOrEmpty(at(objectRef, "namespace")),
    object: [
      textOrEmpty(at(objectRef, "resource")),
      textOrEmpty(at(objectRef, "name")) || "(named by the API server)",
      ...(subresource === "" ? [] : [subresource]),
    ].join("/"),
    ...(textOrEmpty(at(user, "username")) !== "" && { user: textOrEmpty(at(user, "username")) }),
    count: 1,
    ...(textOrEmpty(event.requestReceivedTimestamp) !== "" && { last: textOrEmpty(event.requestReceivedTimestamp) }),
  };
  return usesOf(
    [
      ...audited.map((message) => ({ message, refused: false })),
      ...refused.map((message) => ({ message, refused: true })),
    ],
    use,
  );
}

function usesOf(
  messages: readonly { readonly message: string; readonly refused: boolean }[],
  use: Omit<ToldUse, "container" | "image" | "refused">,
): { told: ToldUse[]; more: number } {
  const read = messages.map(({ message, refused }) => ({ refused, ...readPolicyMessage(message) }));
  return {
    told: read.flatMap(({ images = [], refused }) => images.map((image) => ({ ...use, ...image, refused }))),
    more: read.reduce((sum, { more = 0 }) => sum + more, 0),
  };
}

/** What controllers were told when the API server refused their pods: the only place in which managed clusters show it. */
export function refusedIn(events: readonly JsonObject[]): { told: ToldUse[]; more: number } {
  const all = events.map((event) => {
    const object = event.involvedObject;
    return usesOf([{ message: textOrEmpty(event.message), refused: true }], {
      namespace: textOrEmpty(at(object, "namespace")),
      object: `${textOrEmpty(at(object, "kind"))}/${textOrEmpty(at(object, "name"))}`,
      count: typeof event.count === "number" ? event.count : 1,
      ...(textOrEmpty(event.lastTimestamp) !== "" && { last: textOrEmpty(event.lastTimestamp) }),
    });
  });
  return { told: all.flatMap(({ told }) => told), more: all.reduce((sum, { more }) => sum + more, 0) };
}

/** Only whether an event is one of a policy's refusals. */
export function isRefusal(event: JsonObject): boolean {
  return textOrEmpty(event.message).includes(`ValidatingAdmissionPolicy '${POLICY_NAME}`);
}
