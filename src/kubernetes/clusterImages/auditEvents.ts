import { isMap, parseJson, type Json, type JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import { POLICY_NAME } from "../admission/policyMessage";
import { at, textOrEmpty } from "./specImages";

/** The audit events of a line, in whichever form a service hands them out; undefined for one in which none can be read. */
export function eventsIn(line: string): JsonObject[] | undefined {
  // Tools that show logs write times and names before the event.
  const start = line.indexOf("{");
  const read = start < 0 ? undefined : parsedJson(line.slice(start, line.lastIndexOf("}") + 1));
  const events = read === undefined ? [] : unwrapped(read, 0);
  return events.length > 0 ? events : undefined;
}

/**
 * Fields in which services keep the event, as a text or as it is: `message` of CloudWatch, where EKS has the log
 * ({@link https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html}), `@message` of its Insights; `log_s` of
 * the table AzureDiagnostics, and `properties.log` of Azure's storage accounts and event hubs, in `records`.
 */
const WRAPPERS = ["log", "log_s", "message", "@message", "properties", "value", "events", "records", "items"];
const DEEPEST = 5;

function unwrapped(value: Json, depth: number): JsonObject[] {
  if (depth > DEEPEST) return [];
  if (typeof value === "string") {
    const read = value.trimStart().startsWith("{") ? parsedJson(value) : undefined;
    return read === undefined ? [] : unwrapped(read, depth + 1);
  }
  if (Array.isArray(value)) return value.flatMap((item) => unwrapped(item, depth + 1));
  if (!isMap(value)) return [];
  if (value.kind === "Event" && textOrEmpty(value.apiVersion).startsWith("audit.k8s.io/")) return [value];
  if (ownValue(value, "ObjectRef") !== undefined && ownValue(value, "Annotations") !== undefined)
    return [ofColumns(value)];
  if (isMap(ownValue(value, "protoPayload"))) return [ofEntry(value)];
  return WRAPPERS.flatMap((key) => {
    const inner = ownValue(value, key);
    return inner === undefined ? [] : unwrapped(inner, depth + 1);
  });
}

/**
 * A row of the tables AKSAudit, AKSAuditAdmin and ArcK8sAudit, which have a column for each field
 * ({@link https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/aksauditadmin}).
 */
function ofColumns(row: JsonObject): JsonObject {
  const column = (name: string): Json => {
    const value = ownValue(row, name) ?? null;
    return typeof value === "string" && value.startsWith("{") ? (parsedJson(value) ?? null) : value;
  };
  return {
    stage: column("Stage"),
    objectRef: column("ObjectRef"),
    user: column("User"),
    annotations: column("Annotations"),
    responseStatus: column("ResponseStatus"),
    requestReceivedTimestamp: column("RequestReceivedTime"),
  };
}

/**
 * An entry of Google's Cloud Audit Logs, where GKE has the log ({@link https://cloud.google.com/kubernetes-engine/docs/how-to/audit-logging}):
 * annotations are labels of the entry, the object is the name of the resource (`core/v1/namespaces/shop/pods/web-0`), and why
 * something was refused stands in the status or the response
 * ({@link https://cloud.google.com/binary-authorization/docs/viewing-audit-logs}). Google's own reader of these takes them so, too
 * (GoogleCloudPlatform/khi, `GCPK8sAuditLogFieldSetReader`).
 */
function ofEntry(entry: JsonObject): JsonObject {
  const payload = ownValue(entry, "protoPayload");
  const [, , , namespace = "", resource = "", name = "", subresource = ""] = textOrEmpty(
    at(payload, "resourceName"),
  ).split("/");
  const messages = ["status", "response"].map((field) => textOrEmpty(at(at(payload, field), "message")));
  return {
    objectRef: { namespace, resource, name, subresource },
    user: { username: at(at(payload, "authenticationInfo"), "principalEmail") ?? "" },
    annotations: ownValue(entry, "labels") ?? null,
    responseStatus: { message: messages.find((message) => message.includes(POLICY_NAME)) ?? "" },
    requestReceivedTimestamp: ownValue(entry, "timestamp") ?? "",
  };
}

export function parsedJson(text: string): Json | undefined {
  try {
    return parseJson(text) as Json;
  } catch {
    return undefined;
  }
}
