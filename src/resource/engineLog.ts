import { createRequire } from "node:module";
import { printable, shortened } from "../printable";

/** Messages from inside a provider to the person who watches `pulumi up`. */
export interface EngineLog {
  /** Whether each message stands at the resource that it is about, so that a status need not stand for all of them. */
  readonly atResource?: boolean;
  info(message: string): void;
  warn(message: string): void;
  /** Shown while it lasts and not kept in the log. */
  status(message: string): void;
}

interface EngineClient {
  log(request: unknown, callback: (error: unknown) => void): void;
}

/**
 * A log that reaches Pulumi's engine.
 *
 * Inside a dynamic provider `pulumi.log` ends on standard output, where nobody looks. The engine's address is the
 * process's first argument; the client for it is internal to the SDK, so every step is guarded and the fallback is
 * standard error, which Pulumi shows as plain messages.
 *
 * @param urnNow the resource that is being served, which dynamic providers are not told
 */
export function connectEngineLog(
  address: string | undefined,
  fallback: (line: string) => void,
  urnNow?: () => string | undefined,
): EngineLog {
  const send = engineSender(address);
  const log = (severity: "INFO" | "WARNING", message: string, ephemeral: boolean): void => {
    // Names and messages in it come from charts, registries and clusters.
    const shown = printable(shortened(message));
    if (send) send(severity, shown, ephemeral, urnNow?.());
    else if (!ephemeral) fallback(shown);
  };
  return {
    atResource: urnNow !== undefined,
    info: (message) => log("INFO", message, false),
    warn: (message) => log("WARNING", message, false),
    status: (message) => log("INFO", message, true),
  };
}

type Send = (severity: "INFO" | "WARNING", message: string, ephemeral: boolean, urn: string | undefined) => void;

function engineSender(address: string | undefined): Send | undefined {
  if (!address || !/^[\w.-]+:\d+$/.test(address)) return undefined;
  try {
    const load = createRequire(createRequire(__filename).resolve("@pulumi/pulumi"));
    const { EngineClient } = load("./proto/engine_grpc_pb") as {
      EngineClient: new (address: string, credentials: unknown) => EngineClient;
    };
    const messages = load("./proto/engine_pb") as {
      LogRequest: new () => Record<"setSeverity" | "setMessage" | "setEphemeral" | "setUrn", (value: unknown) => void>;
      LogSeverity: Record<"INFO" | "WARNING", number>;
    };
    const { credentials } = load("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
    const client = new EngineClient(address, credentials.createInsecure());
    return (severity, message, ephemeral, urn) => {
      const request = new messages.LogRequest();
      request.setSeverity(messages.LogSeverity[severity]);
      request.setMessage(message);
      request.setEphemeral(ephemeral);
      if (urn !== undefined) request.setUrn(urn);
      client.log(request, () => undefined);
    };
  } catch {
    return undefined;
  }
}
