import type * as pulumi from "@pulumi/pulumi";
import { MirrorError } from "../error";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
import { refuseForeignRelease } from "../kubernetes/foreignRelease";
import { renderedTo } from "../kubernetes/providerSetting";
import type { Finding } from "../plan/relocationPlan";
import type { Deployment } from "./chartMirrorArgs";
import type { ReleaseChart } from "./releaseChart";

/** Which of the arguments are set. */
export interface KnownDeployment {
  readonly by: Deployment["by"];
  readonly postRenders: boolean;
  readonly reusesValues: boolean;
  readonly verifies: boolean;
}

/** Reads the arguments; what is not known yet may come to be set. */
export async function readDeployment(deployment: Deployment): Promise<KnownDeployment> {
  const { by, postRenderer, reuseValues, resetValues, verify } = deployment;
  const isSet = async (input: pulumi.Input<unknown>, unknown: boolean): Promise<boolean> => {
    try {
      return Boolean(await knownNow(input, "an argument"));
    } catch (error) {
      if (error instanceof UnknownInputError) return unknown;
      throw error;
    }
  };
  return {
    by,
    postRenders: await isSet(postRenderer, true),
    // Where both are given, Helm ignores reuseValues.
    reusesValues: (await isSet(reuseValues, true)) && !(await isSet(resetValues, false)),
    verifies: await isSet(verify, false),
  };
}

/** A release cannot be written into files. `code` is `RELEASE_NOT_RENDERED`. */
export function releaseNotRendered(release: string, folder: string): MirrorError {
  return new MirrorError(
    "RELEASE_NOT_RENDERED",
    `Deploying the release ${release} is not possible with a Kubernetes provider that writes objects into files (renderYamlToDirectory: ${folder}): a helm.v3.Release is installed by Helm in a cluster`,
    "Use MirroredChart, whose objects are written there, or give MirroredRelease a provider without renderYamlToDirectory",
  );
}

/** The chart that is deployed is not the one that its author signed. `code` is `CHART_NOT_VERIFIABLE`. */
export function chartNotVerifiable(chart: string, why: string): MirrorError {
  return new MirrorError(
    "CHART_NOT_VERIFIABLE",
    `Verifying the chart ${chart} with Helm (verify: true) is not possible: ${why}`,
    "Verify the chart before, with helm verify, and leave verify out",
  );
}

/** The arguments of a mirror that say what is deployed where. */
interface DeployedArgs {
  readonly deployment?: Deployment;
  readonly releaseName?: pulumi.Input<string | undefined>;
  readonly namespace?: pulumi.Input<string | undefined>;
}

/**
 * Refuses what would fail in the update alone, after images and Secrets are there.
 *
 * @throws {MirrorError} `RELEASE_NOT_RENDERED`, `RELEASE_EXISTS`
 */
export async function refuseDeployment(
  name: string,
  { deployment, releaseName, namespace }: DeployedArgs,
  component: pulumi.Resource,
): Promise<void> {
  if (deployment?.by !== "MirroredRelease") return;
  const folder = await renderedTo(component);
  if (folder !== undefined) throw releaseNotRendered(name, folder);
  if (deployment.imported) return;
  const { replace } = deployment;
  await refuseForeignRelease({ resource: name, name: releaseName, namespace, replace }, component);
}

/**
 * Helm verifies an archive beside its provenance file, as the chart's author has packed it.
 *
 * @throws {MirrorError} `CHART_NOT_VERIFIABLE`
 */
export function refuseUnverifiable(
  { verifies }: Pick<KnownDeployment, "verifies">,
  { onDisk, verifiable, toMirror }: ReleaseChart,
  chart: string,
): void {
  if (!verifies || !onDisk || verifiable) return;
  const why = toMirror
    ? "mirrorChart packs it anew, and a patched chart is another one"
    : "what is deployed is a copy of it, which nobody signed";
  throw chartNotVerifiable(chart, why);
}

/** What of a deployment the plan does not see. */
export function deploymentFindings({ by, postRenders, reusesValues }: KnownDeployment): Finding[] {
  const findings: Finding[] = [];
  if (postRenders)
    findings.push({
      severity: "warning",
      code: "POST_RENDERED",
      message: `${by === "MirroredChart" ? "postRenderer" : "postrender"} changes what the chart renders after it was planned: images that it puts in are not seen, not copied, and pulled from where it says. Name them in extraImages, and let it write their names in the mirror`,
    });
  if (reusesValues)
    findings.push({
      severity: "warning",
      code: "VALUES_REUSED",
      message:
        "reuseValues lays the values of the release's last revision, and the defaults of its chart, below those of the program: what they say of images is not seen here. Leave it out, and give all values in the program",
    });
  return findings;
}
