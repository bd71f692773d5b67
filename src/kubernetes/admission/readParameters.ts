import { formatReference, manifestName, tryParseReference, type ImageReference } from "../../image/reference";
import { matchesWildcard } from "../../image/wildcard";
import { isMap, type Json, type JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import { AdmissionMode } from "./admissionMode";
import { clusterKey, leftAlone, ofCluster } from "./clusterScope";
import { modeLabel, PARAMETER, RULE_FORMS } from "./parameters";

/** What `admissionParameters` and a mode have written at a namespace. */
export interface NamespaceMirrors {
  /** What images in its mirrors begin with. */
  readonly prefixes: readonly string[];
  /** Whether an image may stay where it is. */
  readonly isExcepted: (image: string) => boolean;
  /** Whether pods get the mirror's image in place of this one. */
  readonly isRewritten: (image: ImageReference) => boolean;
  /** Keys of annotations that are not written as this package does. */
  readonly unread: readonly string[];
}

/** Modes that a namespace may have. */
const MODES = Object.values(AdmissionMode);

/**
 * Reads a namespace as the policies do. Who may write it chose what stands there.
 *
 * @param cluster the namespace that says what holds in all of them (`CLUSTER_NAMESPACE`); nothing does unless told
 */
export function readParameters(namespace: JsonObject, cluster: JsonObject = {}): NamespaceMirrors {
  const { name, ...own } = partsOf(namespace);
  const everywhere = partsOf(cluster);
  const holds = MODES.filter(
    (mode) =>
      ownValue(everywhere.labels, clusterKey(modeLabel(mode))) === "true" &&
      !(typeof name === "string" && leftAlone(mode, everywhere.annotations).includes(name)),
  );
  const labels = { ...own.labels, ...Object.fromEntries(holds.map((mode) => [modeLabel(mode), "true"])) };
  const hasMode = MODES.some((mode) => ownValue(labels, modeLabel(mode)) === "true");
  const annotations = { ...own.annotations, ...(hasMode && ofCluster(everywhere.annotations)) };
  const of = (kind: string): [string, string][] =>
    Object.entries(annotations).flatMap(([key, value]) =>
      key.startsWith(kind) && typeof value === "string" ? [[key, value]] : [],
    );
  const unread: string[] = [];
  const patterns = of(PARAMETER.exception).flatMap(([key, expression]) => {
    const read = patternsOf(expression);
    // What is wrong for all is told of one.
    if (read === undefined && ownValue(own.annotations, key) !== undefined) unread.push(key);
    return read ?? [];
  });
  const known = new Set(
    of(PARAMETER.image).flatMap(([, line]) => {
      const [repository = "", , ...names] = line.split(" ");
      return names.map((name) => repository + name);
    }),
  );
  const rules = of(PARAMETER.rule).map(([, rule]) => rule.split(" "));
  const rewrites = ownValue(labels, modeLabel(AdmissionMode.Rewrite)) === "true";
  return {
    prefixes: of(PARAMETER.mirror).map(([, prefix]) => prefix),
    isExcepted: (image) =>
      [image, canonical(image)].some((text) => patterns.some((pattern) => matchesWildcard(pattern, text))),
    isRewritten: (image) => {
      if (!rewrites) return false;
      const name = `${image.registry}/${image.repository}`;
      if (known.has(`${name}${image.digest ? "@" : ":"}${manifestName(image)}`)) return true;
      const [, , form] = rules
        .filter(([from = ""]) => name.startsWith(from))
        .reduce((longest, rule) => ((rule[0] ?? "").length > (longest[0] ?? "").length ? rule : longest), [""]);
      return form !== undefined && form !== RULE_FORMS.stays;
    },
    unread,
  };
}

/** Keys of annotations of that namespace that are not written as this package does. */
export function unreadOfCluster(cluster: JsonObject): string[] {
  return readParameters({ metadata: { annotations: ofCluster(partsOf(cluster).annotations) } }).unread.map(clusterKey);
}

function partsOf({ metadata }: JsonObject): { name?: Json; labels: JsonObject; annotations: JsonObject } {
  const { name = null, labels = null, annotations = null } = isMap(metadata) ? metadata : {};
  return { name, labels: isMap(labels) ? labels : {}, annotations: isMap(annotations) ? annotations : {} };
}

function canonical(image: string): string {
  const reference = tryParseReference(image);
  return reference ? formatReference(reference) : image;
}

/**
 * The patterns of an expression of `admissionParameters`. No other expression is run: it would be a stranger's, and of
 * another language than this one's.
 */
function patternsOf(expression: string): string[] | undefined {
  const [, forms] = /^\^\(\?s:(.*)\)\$$/s.exec(expression) ?? [];
  if (forms === undefined) return undefined;
  const patterns = [""];
  for (let at = 0; at < forms.length; at++) {
    const character = forms[at] as string;
    let literal = character;
    if (character === "\\") literal = forms[++at] ?? "";
    else if (character === "|") {
      patterns.push("");
      continue;
    } else if (forms.startsWith(".*", at)) {
      literal = "*";
      at += 1;
    } else if (/[\^$.?+()[\]{}*]/.test(character)) return undefined;
    patterns.push((patterns.pop() ?? "") + literal);
  }
  return patterns;
}
