import type * as dynamic from "@pulumi/pulumi/dynamic";
import type { Provider } from "@pulumi/pulumi/provider";
import type { AsyncLocalStorage } from "node:async_hooks";
import { MirrorError } from "../error";
import { OWN_RESOURCES, type OwnResourceKind } from "../resource/ownResource";
import { resourceTypes } from "../resource/ownTypes";
import type { OwnProviders } from "../provider/ownProviders";
import type { Cancellation } from "./cancellation";
import { markSecrets, openSecrets } from "./secretProperties";

/** The part of a plugin that serves resources of our own. */
export type OwnResourceProvider = Required<
  Pick<Provider, "check" | "diff" | "create" | "update" | "read" | "delete" | "cancel">
>;

/** What serving resources of our own needs. */
export interface OwnResourceProviderDependencies {
  readonly providers: OwnProviders;
  /** Where the log finds which resource is being served. */
  readonly urnNow: AsyncLocalStorage<string>;
  readonly cancellation: Cancellation;
}

/** Work that may be left anywhere: all of it looks for what is there already. Whatever else makes passwords is waited for. */
const LEAVES_OFF: ReadonlySet<OwnResourceKind> = new Set(["ImageCopy", "ImageCopyJob", "ChartPush", "PullCheck"]);

/** Outputs that are secrets although no input is; inputs that hold logins are so whoever forgets to say it. */
const SECRETS: ReadonlyMap<OwnResourceKind, readonly string[]> = new Map<OwnResourceKind, readonly string[]>([
  ["ImageCopy", ["access"]],
  ["ImageCopyJob", ["access", "kubeconfig"]],
  ["ChartPush", ["access"]],
  ["PullCheck", ["access"]],
  ["ObjectContribution", ["kubeconfig"]],
  ["OpenShiftImageConfig", ["kubeconfig"]],
  ["AcrTokenPassword", ["password", "resourceManager"]],
  ["QuayOrganization", ["access"]],
  ["QuayProxyCache", ["access", "password"]],
  ["QuayRobot", ["access", "token"]],
  ["QuayTeam", ["access"]],
  ["QuayDefaultPermission", ["access"]],
  ["QuayRepository", ["access"]],
]);

/**
 * Serves resources of our own in the plugin, by the code that serves the dynamic ones. What this adds is what those cannot
 * have: messages stand at their resource, a cancelled update ends at once, and secrets go both ways as such.
 */
export function ownResourceProvider({
  providers,
  urnNow,
  cancellation,
}: OwnResourceProviderDependencies): OwnResourceProvider {
  /** Serves one call about a resource; secrets of `properties` are secrets of what it answers. */
  const serve = async <T>(
    urn: string,
    properties: readonly unknown[],
    call: (provider: dynamic.ResourceProvider, plain: readonly Properties[], close: Close) => Promise<T>,
  ): Promise<T> => {
    const kind = kindOf(urn);
    const opened = properties.map((one) => openSecrets(one as Properties | undefined));
    const secret = [...(SECRETS.get(kind) ?? []), ...opened.flatMap((one) => [...one.secret])];
    const close: Close = (values) => markSecrets(values, secret);
    const plain = opened.map(({ values }) => values);
    const work = urnNow.run(urn, () => call(providers.of[kind], plain, close));
    return LEAVES_OFF.has(kind) ? cancellation.during(work) : work;
  };

  return {
    check: (urn, olds, news) =>
      serve(urn, [olds, news], async (provider, [before = {}, now = {}], close) => {
        const checked = (await provider.check?.(before, now)) ?? {};
        const { failures } = checked;
        return { inputs: close(keepText((checked.inputs ?? now) as object, now)), ...(failures && { failures }) };
      }),
    diff: (id, urn, olds, news) =>
      serve(
        urn,
        [olds, news],
        async (provider, [before = {}, now = {}]) => (await provider.diff?.(id, before, now)) ?? {},
      ),
    create: (urn, inputs) =>
      serve(urn, [inputs], async (provider, [now = {}], close) => {
        const made = await provider.create(now);
        return { id: made.id, outs: close(keepText(made.outs as object, now)) };
      }),
    update: (id, urn, olds, news) =>
      serve(urn, [olds, news], async (provider, [before = {}, now = {}], close) => {
        const outs: unknown = provider.update ? (await provider.update(id, before, now)).outs : now;
        return { outs: close(keepText(outs as object, now)) };
      }),
    read: (id, urn, props) =>
      serve(urn, [props], async (provider, [now = {}], close) => {
        if (!provider.read) return { id, props: close(now) };
        const found = await provider.read(id, now);
        return found.id === undefined ? {} : { id: found.id, props: close(keepText(found.props as object, now)) };
      }),
    delete: (id, urn, props) => serve(urn, [props], async (provider, [now = {}]) => provider.delete?.(id, now)),
    cancel() {
      cancellation.now();
      providers.close();
      return Promise.resolve();
    },
  };
}

type Properties = Record<string, unknown>;
type Close = (values: object) => Properties;

/**
 * Keeps the text of a dynamic provider, which a Node.js program gives its resources: with it the resource goes back into
 * the program's process as it is.
 */
function keepText(values: object | undefined, { __provider }: Properties): object {
  return { ...values, ...(__provider !== undefined && { __provider }) };
}

/** @throws {MirrorError} for what this version does not have */
function kindOf(urn: string): OwnResourceKind {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const kind = type.slice(type.lastIndexOf(":") + 1);
  if (isOwn(kind) && type === resourceTypes(kind).plugin) return kind;
  throw unknownPluginType(type);
}

const isOwn = (kind: string): kind is OwnResourceKind => Object.hasOwn(OWN_RESOURCES, kind);

/** A program or a state names what this version of the plugin does not have. `code` is `UNKNOWN_PLUGIN_TYPE`. */
export function unknownPluginType(type: string): MirrorError {
  return new MirrorError(
    "UNKNOWN_PLUGIN_TYPE",
    `Serving ${type} failed: this version of the plugin chart-mirror has no such type`,
    "Install a version of the plugin that is not older than the one that wrote the state, or correct the type's name",
  );
}
