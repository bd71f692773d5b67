/** What became of a resource in one run; the several steps of a replacement count as one `replace`. */
export type Operation = "same" | "create" | "update" | "replace" | "delete" | "read" | "refresh" | "import" | "discard";

/** One resource in one run of the engine. */
export interface ResourceStep {
  readonly urn: string;
  /** The type token, such as `kubernetes:core/v1:Secret`. */
  readonly type: string;
  readonly name: string;
  readonly operation: Operation;
  /** True when the provider reported an error for it. */
  readonly failed: boolean;
  /** Property path → `add`, `update`, `delete`, or these with `-replace`; empty when the provider gave no details. */
  readonly diff: Readonly<Record<string, string>>;
  /** Keys that force a replacement. */
  readonly replaceKeys: readonly string[];
  /** As the engine shows them: a secret is `[secret]`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A message of the engine, the program or a provider. */
export interface Diagnostic {
  readonly severity: "info" | "info#err" | "warning" | "error" | "debug";
  /** The resource that it belongs to, when there is one. */
  readonly urn?: string;
  readonly message: string;
}

export interface EngineEvents {
  readonly steps: readonly ResourceStep[];
  readonly diagnostics: readonly Diagnostic[];
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly keys?: readonly string[];
  readonly detailedDiff?: Readonly<Record<string, { readonly diffKind: string }>> | null;
  readonly new?: StateMetadata | null;
  readonly old?: StateMetadata | null;
}

interface StateMetadata {
  readonly inputs?: Readonly<Record<string, unknown>> | null;
  readonly outputs?: Readonly<Record<string, unknown>> | null;
}

/** The events that the harness reads, of pulumi's `apitype.EngineEvent`. */
interface EngineEvent {
  readonly diagnosticEvent?: { severity: Diagnostic["severity"]; urn?: string; message: string; ephemeral?: boolean };
  readonly resourcePreEvent?: { metadata: StepMetadata };
  readonly resOutputsEvent?: { metadata: StepMetadata };
  readonly resOpFailedEvent?: { metadata: StepMetadata };
}

/** `create-replacement`, `replace` and `delete-replaced` are the steps of one replacement, in any order. */
function operationOf(op: string): Operation {
  if (op === "replace" || op.endsWith("-replaced") || op.endsWith("-replacement")) return "replace";
  return op as Operation;
}

/**
 * Reads the event log that `pulumi --event-log` writes: one JSON object a line.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
 */
export function parseEngineEvents(log: string): EngineEvents {
  const steps = new Map<string, ResourceStep>();
  const diagnostics: Diagnostic[] = [];

  const record = ({ op, urn, type, keys, detailedDiff, new: after, old: before }: StepMetadata, failed: boolean) => {
    const known = steps.get(urn);
    const operation = operationOf(op);
    const diff = Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) => [path, diffKind] as const);
    const state = after ?? before;
    steps.set(urn, {
      urn,
      type,
      name: urn.slice(urn.lastIndexOf("::") + 2),
      // The same resource once more: the rest of a replacement, or the outcome of a refresh.
      operation: known?.operation === "replace" ? "replace" : operation,
      failed: failed || (known?.failed ?? false),
      diff: { ...known?.diff, ...Object.fromEntries(diff) },
      replaceKeys: [...new Set([...(known?.replaceKeys ?? []), ...(keys ?? [])])],
      inputs: after?.inputs ?? known?.inputs ?? state?.inputs ?? {},
      outputs: after?.outputs ?? known?.outputs ?? state?.outputs ?? {},
    });
  };

  for (const line of log.split("\n")) {
    if (line.trim() === "") continue;
    const event = JSON.parse(line) as EngineEvent;
    if (event.resourcePreEvent !== undefined) record(event.resourcePreEvent.metadata, false);
    if (event.resOutputsEvent !== undefined) record(event.resOutputsEvent.metadata, false);
    if (event.resOpFailedEvent !== undefined) record(event.resOpFailedEvent.metadata, true);
    if (event.diagnosticEvent !== undefined && event.diagnosticEvent.ephemeral !== true) {
      const { severity, urn, message } = event.diagnosticEvent;
      diagnostics.push({ severity, message: withoutColour(message), ...(urn ? { urn } : {}) });
    }
  }
  return { steps: [...steps.values()], diagnostics };
}

/** Pulumi marks colours as `<{%fg 1%}>` until the terminal's abilities are known. */
function withoutColour(text: string): string {
  return text.replaceAll(/<\{%[^%]*%\}>/g, "");
}
