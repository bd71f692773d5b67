import type { KubernetesObject } from "../providers/kubernetes/cluster";

/** A text of a render that names an image, read without any code of the package. */
export interface ImageText {
  readonly object: string;
  readonly path: string;
  readonly reference: string;
}

/** Hosts have a dot and a last label of letters, or a port; a tag or a digest makes it an image and no path of a URL. */
const WHOLE =
  /(?<![\w./:@-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:\/[a-z0-9._-]+)+(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?/g;
const SUFFIX = /(?::[\w][\w.-]*|@sha256:[0-9a-f]{64})$/;
/** Keys of labels with a value, as selectors in variables write them. */
const LABEL = /^[a-z.]+\.kubernetes\.io\//;

/** The name of an object as findings tell it. */
export function objectName(object: KubernetesObject): string {
  return `${object.kind} ${object.metadata.name}`;
}

/** Images of containers, whatever they look like, and texts elsewhere that have a host, a path and a tag or digest. */
export function imageTexts(objects: readonly KubernetesObject[]): ImageText[] {
  const found: ImageText[] = [];
  for (const object of objects) {
    const name = objectName(object);
    const annotations = object.metadata["annotations"] as Record<string, string> | undefined;
    const triggers = JSON.stringify(annotations?.["image.openshift.io/triggers"] ?? "");
    const isTriggered = object.kind === "DeploymentConfig" && JSON.stringify(object).includes('"ImageChange"');
    const walk = (here: unknown, path: readonly string[]): void => {
      if (typeof here === "string") {
        const inContainer =
          path.at(-1) === "image" && /^(?:init|ephemeral)?containers$/i.test(path.at(-3) ?? "") && here !== "";
        // What OpenShift fills in, it names itself.
        if (inContainer && (triggers.includes(`\\"${here.trim()}\\"`) || (isTriggered && here.trim() === ""))) return;
        if (inContainer) found.push({ object: name, path: path.join("."), reference: here.trim() });
        else
          for (const [reference] of here.matchAll(WHOLE))
            if (SUFFIX.test(reference) && !LABEL.test(reference))
              found.push({ object: name, path: path.join("."), reference });
      } else if (Array.isArray(here)) here.forEach((item, i) => walk(item, [...path, String(i)]));
      else if (typeof here === "object" && here !== null)
        for (const [key, value] of Object.entries(here)) walk(value, [...path, key]);
    };
    // A schema's descriptions and examples are read by people.
    if (object.kind !== "CustomResourceDefinition") walk(object, []);
  }
  return found;
}

/** Those that a node would pull from elsewhere than below the mirror's address. */
export function outsideImages(objects: readonly KubernetesObject[], mirror: string): ImageText[] {
  return imageTexts(objects).filter(({ reference }) => !reference.startsWith(`${mirror}/`));
}
