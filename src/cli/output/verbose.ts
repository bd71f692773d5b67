import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { decodedLogin, secretOfLogin } from "../../image/addressLogin";
import { formatBytes } from "../../image/bytes";
import { thisPackage } from "../../machine/toolVersion";
import { SecretTexts } from "../../oci/auth/secretTexts";
import { printableLine, shortened } from "../../printable";
import type { TracedLogin, TracedRequest, TracedRun, Traces, TracedWait } from "../../tracing";
import { shellCommand } from "./shellCommand";
import { shownAddress } from "./shownAddress";

/** Characters of one line: addresses and reasons are strangers' words. */
const LONGEST_LINE = 1000;
/** Milliseconds without an answer after which a request or program is worth a line before its end. */
const LONG = 10_000;

/**
 * Tells what happens behind a command: requests, where logins come from, waits, helm. One line each, which begins with
 * `verbose: `; none shows a login.
 *
 * @param tell takes a line with its end
 * @returns ends it
 */
export function tellVerbosely(tell: (line: string) => void, long = LONG): () => void {
  const secrets = new SecretTexts();
  const told = new Set<string>();
  const line = (text: string): void =>
    tell(`verbose: ${printableLine(shortened(secrets.scrub(text), LONGEST_LINE))}\n`);
  const late = (what: string): (() => void) => {
    const timer = setTimeout(() => line(`${what}: no answer after ${long / 1000} s`), long).unref();
    return () => clearTimeout(timer);
  };

  const onRequest = (traced: TracedRequest): void => {
    keepSecrets(traced, secrets);
    seen.add(traced.sink);
    const { url, sink, proxy, purpose } = traced;
    const way = proxy === undefined ? "" : `, through proxy ${proxy}`;
    const what = `${sink.method} ${shownAddress(url)}${purpose === undefined ? "" : ` (${purpose})`}`;
    const start = performance.now();
    const took = (): string => `${Math.round(performance.now() - start)} ms${way}`;
    const answered = late(what);
    watch(sink, {
      head: answered,
      answer: (status, received, isWhole) =>
        line(`${what}: ${status}, ${sent(sink)}${formatBytes(received)}, ${took()}${isWhole ? "" : ", cut off"}`),
      failure: (reason) => {
        answered();
        line(`${what}: no answer (${reason}), ${took()}`);
      },
    });
  };

  const seen = new WeakSet<ClientRequest>();
  /** Requests of the libraries that are used, such as the Kubernetes client, and tunnels through proxies. */
  const onOther = ({ request }: { request: ClientRequest }): void => {
    if (seen.has(request)) return;
    const address = request.method === "CONNECT" ? `https://${request.path}` : addressOf(request);
    if (URL.canParse(address)) onRequest({ url: new URL(address), sink: request });
  };

  const onLogin = ({ host, from, without }: TracedLogin): void => {
    const inVain = without.length === 0 ? "" : `; looked at in vain: ${without.join(", ")}`;
    const text = `login for ${host}: ${from === undefined ? `none${inVain}` : `from ${from}`}`;
    // It is looked for with every repository.
    if (told.has(text)) return;
    told.add(text);
    line(text);
  };

  const onWait = ({ type, host, doing, reason, delayMs, failures }: TracedWait): void => {
    const delay = `${Math.ceil(delayMs)} ms`;
    if (type === "retry")
      line(`retry at ${host}: ${doing}: attempt ${failures} failed, the next in ${delay}: ${reason}`);
    else line(`pause for ${host}: ${delay}: ${reason}`);
  };

  const onRun = ({ program, args, child }: TracedRun): void => {
    const command = shellCommand(program, args);
    const start = performance.now();
    const ended = late(command);
    child.once("close", (code, signal) => {
      ended();
      line(`${command}: ended with ${signal ?? code}, ${Math.round(performance.now() - start)} ms`);
    });
  };

  const ends = [
    listen("chart-mirror:request", onRequest),
    subscribed("http.client.request.start", (traced) => onOther(traced as { request: ClientRequest })),
    listen("chart-mirror:login", onLogin),
    listen("chart-mirror:wait", onWait),
    listen("chart-mirror:run", onRun),
  ];
  line(`chart-mirror ${thisPackage().version}, Node.js ${process.version}, ${process.platform} ${process.arch}`);
  return () => ends.forEach((end) => end());
}

function listen<Name extends keyof Traces>(name: Name, on: (traced: Traces[Name]) => void): () => void {
  return subscribed(name, (traced) => on(traced as Traces[Name]));
}

function subscribed(name: string, listener: (traced: unknown) => void): () => void {
  subscribe(name, listener);
  return () => void unsubscribe(name, listener);
}

const addressOf = (request: ClientRequest): string =>
  `${request.protocol}//${String(request.getHeader("host") ?? request.host)}${request.path}`;

interface Watch {
  /** The head of an answer is there. */
  readonly head: () => void;
  readonly answer: (status: number, received: number, isWhole: boolean) => void;
  readonly failure: (reason: string) => void;
}

/** Watches a request without reading its answer, which another one does. */
function watch(sink: ClientRequest, { head, answer, failure }: Watch): void {
  let isOver = false;
  const fail = (reason: string): void => {
    if (!isOver) failure(reason);
    isOver = true;
  };
  sink.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  sink.on("close", () => fail("it was given up"));
  if (sink.method === "CONNECT")
    sink.on("connect", (message) => {
      head();
      isOver = true;
      answer(message.statusCode ?? 0, 0, true);
    });
  sink.on("response", (message) => {
    head();
    isOver = true;
    let received = 0;
    // A listener of its data would take it away from its reader.
    const push = message.push.bind(message);
    message.push = (chunk: Buffer | null, ...more) => {
      received += chunk?.length ?? 0;
      return push(chunk, ...more);
    };
    message.on("close", () => answer(message.statusCode ?? 0, received, message.complete));
  });
}

function sent(sink: ClientRequest): string {
  const length = Number(sink.getHeader("content-length"));
  return length > 0 ? `sent ${formatBytes(length)}, got ` : "";
}

/** Fields of a form that hold logins: those of token services. */
const SECRET_FIELDS = ["password", "refresh_token", "access_token", "client_secret", "assertion"];

/** A registry knows what it was given, and may write it into the address that it points to. */
function keepSecrets({ sink, form, url }: TracedRequest, secrets: SecretTexts): void {
  for (const name of ["authorization", "proxy-authorization", "x-identity-token"]) {
    const header = String(sink.getHeader(name) ?? "");
    const scheme = header.split(" ", 1)[0] ?? "";
    const secret = header.slice(scheme.length).trim();
    secrets.add(secret);
    if (scheme.toLowerCase() === "basic") {
      const [, username = "", password = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(secret, "base64").toString()) ?? [];
      secrets.add(secretOfLogin(username, password));
    }
  }
  secrets.add(decodedLogin(secretOfLogin(url.username, url.password)));
  const fields = new URLSearchParams(form ?? "");
  for (const field of SECRET_FIELDS) for (const secret of fields.getAll(field)) secrets.add(secret);
}
