import type * as pulumi from "@pulumi/pulumi";
import { ChartMirror } from "../components/chartMirror";
import { MirroredChart } from "../components/mirroredChart";
import { MirroredRelease } from "../components/mirroredRelease";
import { UnknownInputError } from "../inputs/knownNow";
import type { Fields } from "../inputs/argumentShape";
import { mirrorAdmissionFields, pullSecretFields } from "../kubernetes/argumentShapes";
import { MirrorAdmission } from "../kubernetes/mirrorAdmission";
import { PullSecret } from "../kubernetes/pullSecret";
import { quayRegistryFields } from "../quay/component/quayArgumentShapes";
import { QuayRegistry } from "../quay/component/quayRegistry";
import { AcrRegistry } from "../registry/acr/acrRegistry";
import { acrRegistryFields, ecrRegistryFields, existingRegistryFields } from "../registry/argumentShapes";
import { EcrRegistry } from "../registry/ecr/ecrRegistry";
import { ExistingRegistry } from "../registry/existingRegistry";
import type { MirrorRegistry } from "../registry/mirrorRegistry";
import { SharedRegistry } from "../registry/sharedRegistry";
import { chartMirrorFields, mirroredChartFields, mirroredReleaseFields } from "../release/argumentShapes";

/** A component as the plugin makes it. */
export interface ComponentClass {
  /** What it takes, by which arguments that come as Outputs are opened. */
  readonly fields: Fields;
  make(name: string, args: never, opts: pulumi.ComponentResourceOptions): pulumi.ComponentResource;
  /** Its outputs, as the facade has them. */
  readonly outputs: readonly string[];
  /** Waits for what it finds out by itself, and fails as that does. */
  ready(component: never): Promise<unknown>;
}

/** What a class needs to be made of arguments that have been looked at by itself. */
function componentClass<Args, Made extends pulumi.ComponentResource>(
  fields: Fields,
  make: (name: string, args: Args, opts: pulumi.ComponentResourceOptions) => Made,
  outputs: readonly (keyof Made & string)[],
  ready: (component: Made) => Promise<unknown>,
): ComponentClass {
  return { fields, make, outputs, ready };
}

/** An address that a preview does not know yet fails nothing: the update knows it. */
async function addressKnown({ address }: MirrorRegistry): Promise<void> {
  await address.catch((error: unknown) => {
    if (!(error instanceof UnknownInputError)) throw error;
  });
}

/** What `initialize` of a component answers; the SDK keeps it to the class. */
const dataOf = (component: pulumi.ComponentResource): Promise<unknown> =>
  (component as unknown as { getData(): Promise<unknown> }).getData();

const REGISTRY = ["host", "reference"] as const;
const DEPLOYMENT = ["images", "overrides", "plan"] as const;

/** The components of the plugin, by the names of their classes. */
export const COMPONENTS: ReadonlyMap<string, ComponentClass> = new Map([
  [
    "ExistingRegistry",
    componentClass(
      existingRegistryFields,
      (...given: Made<typeof ExistingRegistry>) => new ExistingRegistry(...given),
      REGISTRY,
      addressKnown,
    ),
  ],
  [
    "SharedRegistry",
    componentClass<{ reference: never }, SharedRegistry>(
      { reference: { kind: "anything" } },
      (name, { reference }, opts) => new SharedRegistry(name, reference, opts),
      REGISTRY,
      addressKnown,
    ),
  ],
  [
    "EcrRegistry",
    componentClass(
      ecrRegistryFields,
      (...given: Made<typeof EcrRegistry>) => new EcrRegistry(...given),
      REGISTRY,
      addressKnown,
    ),
  ],
  [
    "AcrRegistry",
    componentClass(
      acrRegistryFields,
      (...given: Made<typeof AcrRegistry>) => new AcrRegistry(...given),
      REGISTRY,
      addressKnown,
    ),
  ],
  [
    "QuayRegistry",
    componentClass(
      quayRegistryFields,
      (...given: Made<typeof QuayRegistry>) => new QuayRegistry(...given),
      [...REGISTRY, "organization", "pullRobot"],
      addressKnown,
    ),
  ],
  [
    "PullSecret",
    componentClass(
      pullSecretFields,
      (...given: Made<typeof PullSecret>) => new PullSecret(...given),
      ["secretName"],
      dataOf,
    ),
  ],
  [
    "MirrorAdmission",
    componentClass(
      mirrorAdmissionFields,
      (...given: Made<typeof MirrorAdmission>) => new MirrorAdmission(...given),
      [],
      dataOf,
    ),
  ],
  [
    "ChartMirror",
    componentClass(
      chartMirrorFields,
      (...given: Made<typeof ChartMirror>) => new ChartMirror(...given),
      [...DEPLOYMENT, "values", "version", "chart", "chartArtifact", "pullSecretName"],
      dataOf,
    ),
  ],
  [
    "MirroredRelease",
    componentClass(
      mirroredReleaseFields,
      (...given: Made<typeof MirroredRelease>) => new MirroredRelease(...given),
      [...DEPLOYMENT, "status"],
      ({ mirror }) => dataOf(mirror),
    ),
  ],
  [
    "MirroredChart",
    componentClass(
      mirroredChartFields,
      (...given: Made<typeof MirroredChart>) => new MirroredChart(...given),
      DEPLOYMENT,
      ({ mirror }) => dataOf(mirror),
    ),
  ],
]);

/** What a class is made of. */
type Made<Class extends abstract new (...args: never[]) => unknown> = Required<ConstructorParameters<Class>>;
