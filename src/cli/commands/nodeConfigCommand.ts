import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseHelmYamlDocuments } from "../../chart/content/helmYaml";
import { MirrorErrors, type MirrorError } from "../../error";
import { failureReason as reason } from "../../files/fileError";
import { readText } from "../../files/readText";
import { writeOutputFile } from "../../files/outputFile";
import { OutputRefusedError } from "../../files/outputRefused";
import { pathSegment } from "../../files/pathSegment";
import { linkOnTheWay } from "../../files/place";
import { tryParseReference } from "../../image/reference";
import { isMap, parseJson, type Json, type JsonObject } from "../../json";
import { CONTAINERD_FOLDER, containerdHosts } from "../../kubernetes/nodeConfiguration/containerdHosts";
import { K3S_FOLDER, k3sRegistries } from "../../kubernetes/nodeConfiguration/k3sRegistries";
import {
  upstreamHosts,
  type NodeConfiguration,
  type NodeFiles,
  type NodeRuntime,
} from "../../kubernetes/nodeConfiguration/nodeConfiguration";
import { openShiftObjects } from "../../kubernetes/nodeConfiguration/openShiftObjects";
import { unservedImages } from "../../kubernetes/nodeConfiguration/upstreamRoute";
import { EXIT } from "../output/exitCodes";
import type { Streams } from "../output/streams";
import { invalidNodeConfig, type NodeConfigOptions } from "../options/nodeConfigOptions";
import { formatReport, toYaml } from "../output/output";
import { readPassword, type Input } from "../options/passwordInput";
import { writeOutput } from "../output/unwritableOutput";

/**
 * `chart-mirror node-config k3s|containerd|openshift --to HOST[/PATH]`: what nodes need to pull from the mirror, as one
 * text on standard output, or as files below `--out`.
 */
export async function nodeConfigCommand(
  runtime: NodeRuntime,
  options: NodeConfigOptions,
  streams: Streams,
  input: Input,
): Promise<number> {
  MirrorErrors.throwIfAny("reading the options of node-config", optionProblems(runtime, options));
  const plan = options.plan === undefined ? undefined : await readPlan(options.plan);
  const configuration: NodeConfiguration = {
    mirror: options.to,
    layout: { keepHost: options.keepHost ?? false },
    upstreams: [...options.upstream, ...(plan ? upstreamHosts(plan, options.to) : [])],
    ...(options.plainHttp && { plainHttp: true }),
    ...(options.caFile !== undefined && { caCertificate: await readCertificate(options.caFile) }),
    ...(options.username !== undefined && {
      login: { username: options.username, password: await readPassword(input) },
    }),
  };
  const { files, place } = await writtenFiles(runtime, configuration, options);
  if (options.output !== undefined) {
    const data = Object.entries(files).map(([path, text]) => ({ path, text }));
    const rows = data.map(({ path, text }) => [path, `${text.length} characters`]);
    streams.out(formatReport({ headings: ["file", "size"], rows, data }, options.output));
  }
  if (options.out === undefined && options.output === undefined) print(files, streams);
  else if (options.out !== undefined) {
    const inputs = [options.existing, options.caFile, options.plan];
    await writeOutput("--out", options.out, (folder) =>
      write(files, folder, configuration.login !== undefined, inputs),
    );
  }
  streams.err(`${place}\n`);
  for (const { source, target } of plan ? unservedImages(plan.images, configuration, runtime) : [])
    streams.err(`warning: nodes look for ${source} elsewhere than at ${target}, and pull it from its source\n`);
  if (runtime === "containerd" && !plan && options.upstream.includes("docker.io"))
    streams.err(
      "warning: containerd asks for library/NAME where an image of docker.io is written NAME, and pulls it from " +
        "docker.io unless the mirror has it below library/\n",
    );
  return EXIT.whole;
}

function optionProblems(runtime: NodeRuntime, options: NodeConfigOptions): MirrorError[] {
  const { username, passwordStdin, plainHttp, caFile, existing } = options;
  const problems: MirrorError[] = [];
  if ((username !== undefined) !== (passwordStdin === true))
    problems.push(invalidNodeConfig("--username and --password-stdin need each other"));
  if (username !== undefined && runtime !== "k3s")
    problems.push(
      invalidNodeConfig(`a login has no place in the configuration of ${runtime}`, "Give pods a pull secret"),
    );
  if (plainHttp && caFile !== undefined)
    problems.push(invalidNodeConfig("--plain-http and --ca-file exclude each other: http has no certificate"));
  if (existing !== undefined && runtime !== "openshift")
    problems.push(invalidNodeConfig("--existing is for openshift alone"));
  return problems;
}

async function writtenFiles(
  runtime: NodeRuntime,
  configuration: NodeConfiguration,
  { existing }: NodeConfigOptions,
): Promise<{ files: NodeFiles; place: string }> {
  switch (runtime) {
    case "k3s":
      return {
        files: k3sRegistries(configuration),
        place: `put into ${K3S_FOLDER} of every node, then restart k3s or k3s-agent`,
      };
    case "containerd":
      return { files: containerdHosts(configuration), place: `put into ${CONTAINERD_FOLDER} of every node` };
    case "openshift": {
      const objects = openShiftObjects(configuration, existing === undefined ? [] : await readObjects(existing));
      return {
        files: Object.fromEntries(
          objects.map((object) => [`${(object.kind as string).toLowerCase()}.yaml`, toYaml(object)]),
        ),
        place:
          objects.length === 0
            ? "nothing is to be configured: the nodes may pull from the mirror as they are"
            : "apply with oc apply -f; the nodes restart",
      };
    }
  }
}

async function readCertificate(file: string): Promise<string> {
  const text = await readGiven(file, "the certificate");
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw invalidNodeConfig(`reading the certificate ${file}: there is no PEM certificate in it`);
  if (text.includes("PRIVATE KEY-----"))
    throw invalidNodeConfig(
      `reading the certificate ${file}: there is a private key in it`,
      "Give a file with certificates alone: it is copied to every node",
    );
  return text;
}

/** The objects of a file as `kubectl get -o yaml` writes it: documents, or lists of objects. */
async function readObjects(file: string): Promise<JsonObject[]> {
  const text = await readGiven(file, "the existing objects");
  let documents: Json[];
  try {
    documents = parseHelmYamlDocuments(text);
  } catch (error) {
    throw invalidNodeConfig(`reading the existing objects ${file}: ${reason(error)}`, undefined, { cause: error });
  }
  return documents
    .filter((object) => isMap(object))
    .flatMap((object) => (Array.isArray(object.items) ? object.items.filter((item) => isMap(item)) : [object]));
}

/** The images of a plan as `chart-mirror values --output json` writes it. */
async function readPlan(file: string): Promise<{ images: PlanImage[] }> {
  const text = await readGiven(file, "the plan");
  let plan: Json;
  try {
    plan = parseJson(text) as Json;
  } catch (error) {
    throw invalidNodeConfig(`reading the plan ${file}: ${reason(error)}`, PLAN_REMEDY, { cause: error });
  }
  const images = isMap(plan) ? plan.images : undefined;
  if (!Array.isArray(images) || !images.every(isPlanImage))
    throw invalidNodeConfig(`reading the plan ${file}: it has no images with sources and targets`, PLAN_REMEDY);
  return { images };
}

interface PlanImage extends JsonObject {
  source: string;
  target: string;
}
const PLAN_REMEDY = "Give what chart-mirror values --output json prints";

function isPlanImage(image: Json): image is PlanImage {
  return isMap(image) && [image.source, image.target].every((name) => typeof name === "string" && isReference(name));
}

const isReference = (text: string): boolean => tryParseReference(text) !== undefined;

async function readGiven(file: string, what: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    throw invalidNodeConfig(`reading ${what} ${file}: ${reason(error)}`, undefined, { cause: error });
  }
}

/** One text: YAML documents, or files of other forms below their names. Certificates are left out: the user has them. */
function print(files: NodeFiles, streams: Streams): void {
  const texts = Object.entries(files).filter(([path]) => !path.endsWith(".crt"));
  const yaml = texts.every(([path]) => path.endsWith(".yaml"));
  streams.out(texts.map(([path, text]) => (yaml ? text : `# ${path}\n${text}`)).join(yaml ? "---\n" : "\n"));
  for (const path of Object.keys(files))
    if (path.endsWith(".crt")) streams.err(`the file of --ca-file is to be there as ${path}\n`);
}

/** @param secret whether a login is among them, which must not come into a file that others may read */
async function write(
  files: NodeFiles,
  folder: string,
  secret: boolean,
  inputs: readonly (string | undefined)[],
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, ...path.split("/").map((segment) => pathSegment(segment, "a file for nodes")));
    const link = await linkOnTheWay(folder, dirname(file));
    if (link !== undefined) throw new OutputRefusedError(`${file} (${WHAT})`, `${link} is a link`, "Delete the link");
    await mkdir(dirname(file), { recursive: true });
    await writeOutputFile(file, text, {
      what: WHAT,
      inputs: inputs.filter((input) => input !== undefined),
      ...(secret && { mode: 0o600 }),
    });
  }
}

const WHAT = "a file of --out";
