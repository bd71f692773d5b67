import type { Finding } from "../../plan/relocationPlan";
import { formatValuePath, isMap } from "../content/valuePaths";
import type { MakerWithoutSecret } from "../pullSecrets/customSecrets";
import { identityOf } from "../render/kubernetesManifest";

/**
 * What to tell of an object whose controller pulls images, or makes pods that do, and which does not name the pull secret.
 *
 * @param value a value that shows there, in a form that nothing tells
 */
export function makerFinding(maker: MakerWithoutSecret, pullSecret: string, value?: string): Finding {
  return {
    severity: "warning",
    code: "POD_WITHOUT_PULL_SECRET",
    message: `${whoOf(maker)} no pull secret ${pullSecret} from the chart: ${whyNot(maker, pullSecret, value)}`,
  };
}

function whoOf({ object, missing }: MakerWithoutSecret): string {
  const { kind, name } = identityOf(object);
  switch (missing?.puller) {
    case "build":
      return `the builds of ${kind} ${name} get`;
    case "flux":
      return `what ${kind} ${name} fetches gets`;
    case undefined:
      return `the pods that are made of ${kind} ${name} get`;
  }
}

function whyNot({ others, missing, object }: MakerWithoutSecret, pullSecret: string, value?: string): string {
  if (value !== undefined)
    return (
      `the value ${value} is for it, but whether it takes names or maps is not known here. ` +
      `Set it to ["${pullSecret}"] or to [{"name":"${pullSecret}"}]`
    );
  const named =
    others.length === 0 ? "it names none" : `it names ${others.join(", ")}, which may be for another registry`;
  const beside = `put the mirror's login into ${others.length > 1 ? "those secrets" : "that secret"}, too`;
  if (missing) {
    const there = `${named}. Write { name: ${pullSecret} } at ${missing.fields.map(formatValuePath).join(" and ")}`;
    if (others.length > 0) return `${there}, or ${beside}`;
    return missing.puller === "build" ? `${there}, or run: oc secrets link ${builderOf(object)} ${pullSecret}` : there;
  }
  return others.length === 0
    ? `${named}, and whether they get one in another way is not known here`
    : `${named}. Name ${pullSecret} there, or ${beside}`;
}

/** The service account whose secrets a build takes besides. */
function builderOf({ spec }: MakerWithoutSecret["object"]): string {
  const account = isMap(spec) ? spec.serviceAccount : undefined;
  return typeof account === "string" && account !== "" ? account : "builder";
}
