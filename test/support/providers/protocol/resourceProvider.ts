import type { PropertyMap } from "./propertyValue";
import type { ResourceMonitor } from "./resourceMonitor";

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface PropertyDiff {
  readonly kind: DiffKind;
  /** The difference is between old and new inputs, not between old state and new inputs. */
  readonly inputDiff?: boolean;
}

export interface Diff {
  readonly changes: boolean;
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  /** Keys that changed; needed where there are no details. */
  readonly diffs?: readonly string[];
  /** Property path → difference. */
  readonly details?: Readonly<Record<string, PropertyDiff>>;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
  /** The property is required, and was not given. */
  readonly missing?: boolean;
}

export interface Checked {
  readonly inputs: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

/** The resource a call is about. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export type Severity = "debug" | "info" | "warning" | "error";

/** What a provider can say to the user while it works. */
export interface Host {
  log(severity: Severity, urn: string, message: string): Promise<void>;
}

/**
 * A resource provider, as the engine calls it.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 */
export interface ResourceProvider {
  readonly version: string;
  /** Which inputs the provider itself takes. */
  checkConfig(news: PropertyMap): Promise<Checked>;
  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<Diff>;
  /** Called once, when the whole configuration is known. Nested values arrive as JSON text. */
  configure(config: Readonly<Record<string, string>>, host: Host): Promise<void>;
  invoke(token: string, args: PropertyMap): Promise<Invoked>;
  check(resource: Resource, olds: PropertyMap, news: PropertyMap): Promise<Checked>;
  diff(resource: Resource, request: DiffRequest): Promise<Diff>;
  create(resource: Resource, inputs: PropertyMap, preview: boolean): Promise<Created>;
  update(resource: Resource, request: UpdateRequest): Promise<PropertyMap>;
  read(resource: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult | undefined>;
  delete(resource: Resource, id: string, state: PropertyMap): Promise<void>;
  /** Makes a component and its children. A provider without components has none. */
  construct?(request: ConstructRequest, monitor: ResourceMonitor): Promise<Constructed>;
  /** The user wants it to end: whatever waits is to wait no more. */
  cancel?(): void;
}

/** A component that a program asks for. */
export interface ConstructRequest {
  readonly type: string;
  readonly name: string;
  readonly inputs: PropertyMap;
}

export interface Constructed {
  readonly urn: string;
  readonly state: PropertyMap;
}

export interface DiffRequest {
  readonly id: string;
  /** The state: what the provider returned. */
  readonly olds: PropertyMap;
  /** What the program gave, as `check` returned it. */
  readonly oldInputs?: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export interface UpdateRequest {
  readonly id: string;
  readonly olds: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
  readonly preview: boolean;
}

export interface Created {
  readonly id: string;
  readonly state: PropertyMap;
}

export interface ReadResult extends Created {
  readonly inputs: PropertyMap;
}

export interface Invoked {
  readonly result: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

/** The resource exists, but did not become ready: the engine keeps it in the state and reports the reasons. */
export class InitializationFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly state: PropertyMap,
    readonly reasons: readonly string[] = [message],
  ) {
    super(message);
    this.name = "InitializationFailed";
  }
}
