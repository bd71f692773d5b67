import { findImages } from "../../../src/chart/find/imageReferences";
import { OPERATORS } from "../../../src/chart/operators/operatorDefaults";
import { operatorFindings, type OperatorFindingOptions } from "../../../src/chart/operators/operatorFindings";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import { tryParseReference } from "../../../src/image/reference";

const deployment = (image: string, more = ""): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: op}\nspec: {template: {spec: {containers: [{name: main, image: '${image}'${more}}]}}}\n`;
const configMap = (data: string): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: ${data}\n`;

/** What each finding says between the colon and the advice. */
function told(yaml: string, options: OperatorFindingOptions = {}): string[] {
  const manifests = parseManifests(yaml);
  return operatorFindings(manifests, findImages(manifests, { values: {} }), options).map(({ message }) => {
    const [, images = ""] = /names: ([^]*)\. Name what/.exec(message) ?? [];
    return images;
  });
}

const CERT = "quay.io/jetstack/cert-manager-controller:v1.18.2";
const SOLVER = "quay.io/jetstack/cert-manager-acmesolver";
const PG = "ghcr.io/cloudnative-pg/cloudnative-pg:1.27.0";
const POSTGRES = "ghcr.io/cloudnative-pg/postgresql";
const BOUNCER = "ghcr.io/cloudnative-pg/pgbouncer, with a tag that it knows itself (set by PGBOUNCER_IMAGE_NAME)";
const BOTH = `${POSTGRES}, with a tag that it knows itself (set by POSTGRES_IMAGE_NAME); ${BOUNCER}`;
const UPDATER = "default-user-credential-updater, with a tag that it knows itself (set by DEFAULT_USER_UPDATER_IMAGE)";
const byItself = (repository: string, setting: string): string =>
  `${repository}, with a tag that it knows itself (set by ${setting})`;

it.each<[string, string, string[]]>([
  ["an image with the operator's own tag", deployment(CERT), [`${SOLVER}:v1.18.2 (set by --acme-http01-solver-image)`]],
  [
    "another build, whose tags are others",
    deployment("docker.io/vendor/cert-manager-controller:1.18.2-r3"),
    [`${SOLVER}, with a tag that it knows itself (set by --acme-http01-solver-image)`],
  ],
  ["what a flag names", deployment(CERT, `, args: ['--acme-http01-solver-image=${SOLVER}:v1']`), []],
  [
    "what a flag names with one dash, and behind it",
    deployment(CERT, `, args: ['-acme-http01-solver-image', '${SOLVER}']`),
    [],
  ],
  [
    "another flag that begins alike",
    deployment(CERT, ", args: ['--acme-http01-solver-image-pull=x']"),
    [`${SOLVER}:v1.18.2 (set by --acme-http01-solver-image)`],
  ],
  ["an image with a tag of its own", deployment(PG), [BOTH]],
  ["what a variable names", deployment(PG, `, env: [{name: POSTGRES_IMAGE_NAME, value: '${POSTGRES}:17'}]`), [BOUNCER]],
  ["what a ConfigMap names by a key", deployment(PG) + configMap(`{POSTGRES_IMAGE_NAME: 'x/y:1'}`), [BOUNCER]],
  [
    "what a configuration file names",
    deployment("docker.elastic.co/eck/eck-operator:3.1.0") + configMap(`{eck.yaml: "container-registry: r.test"}`),
    [],
  ],
  ...["docker.elastic.co", '"docker.elastic.co"', "docker.elastic.co # as it is", ""].map(
    (value): [string, string, string[]] => [
      `a configuration file that says what the operator has by itself (${value})`,
      deployment("docker.elastic.co/eck/eck-operator:3.1.0") +
        configMap(`\n  eck.yaml: |\n    metrics-port: 0\n    container-registry: ${value}\n    ubi-only: false`),
      [expect.stringContaining("docker.elastic.co/elasticsearch/elasticsearch, whose tag") as string],
    ],
  ),
  [
    "a flag that says it, too",
    deployment("docker.elastic.co/eck/eck-operator:3.1.0", ", args: ['--container-registry=docker.elastic.co']"),
    [expect.stringContaining("docker.elastic.co/kibana/kibana") as string],
  ],
  ["a variable without a value", deployment(PG, ", env: [{name: POSTGRES_IMAGE_NAME, value: ''}]"), [BOTH]],
  [
    "a variable from elsewhere",
    deployment(PG, ", env: [{name: POSTGRES_IMAGE_NAME, valueFrom: {configMapKeyRef: {name: c, key: k}}}]"),
    [BOUNCER],
  ],
  [
    "the second image of one that has only one set",
    deployment(
      "rabbitmqoperator/cluster-operator:2.16.0",
      ", env: [{name: DEFAULT_RABBITMQ_IMAGE, value: 'r.test/a:1'}]",
    ),
    [`docker.io/rabbitmqoperator/${UPDATER}`],
  ],
  [
    "images of the repository that the operator itself is from",
    deployment("ghcr.io/rabbitmq/cluster-operator:2.22.0"),
    [`${byItself("docker.io/library/rabbitmq", "DEFAULT_RABBITMQ_IMAGE")}; ghcr.io/rabbitmq/${UPDATER}`],
  ],
  [
    "operators of one name apart, by whose they are",
    `${deployment("r.test/minio/operator:v7.1.1")}---\n${deployment("quay.io/victoriametrics/operator:v0.70.0", ", env: [{name: VM_CONTAINERREGISTRY, value: r.test}]")}`,
    [
      [
        byItself("docker.io/minio/minio", "TENANT_MINIO_IMAGE"),
        byItself("docker.io/minio/kes", "TENANT_KES_IMAGE"),
        byItself("quay.io/minio/operator-sidecar", "OPERATOR_SIDECAR_IMAGE"),
      ].join("; "),
    ],
  ],
  [
    "what a registry of its own moves",
    deployment("docker.io/victoriametrics/operator:v0.70.0"),
    [
      expect.stringContaining(
        "docker.io/victoriametrics/vmagent, with a tag that it knows itself (set by VM_VMAGENTDEFAULT_IMAGE or VM_CONTAINERREGISTRY)",
      ) as string,
    ],
  ],
  [
    "tags of the user's objects",
    deployment("docker.elastic.co/eck/eck-operator:3.1.0"),
    [
      [
        "elasticsearch/elasticsearch",
        "kibana/kibana",
        "logstash/logstash",
        "apm/apm-server",
        "beats/filebeat",
        "beats/metricbeat",
      ]
        .map(
          (path) =>
            `docker.elastic.co/${path}, whose tag is spec.version of the objects that you make (set by container-registry or --container-registry or CONTAINER_REGISTRY)`,
        )
        .join("; "),
    ],
  ],
  [
    "an image of the same repository that the chart names",
    deployment(PG) + `---\n${deployment(`${POSTGRES}:17`)}`,
    [BOUNCER],
  ],
  ["two pods of one operator once", `${deployment(PG)}---\n${deployment(PG)}`, [expect.any(String) as string]],
  [
    "no operator",
    deployment("quay.io/a/manager:1") +
      `---\n${deployment("r.test/x/cluster-operator:1")}---\n${deployment("r.test/x/operator:1")}`,
    [],
  ],
])("tells of %s", (_, yaml, images) => {
  expect(told(yaml)).toEqual(images);
});

it("says no more than that it may be so", () => {
  const manifests = parseManifests(deployment(CERT));
  expect(operatorFindings(manifests, [], {})[0]?.message).toContain("which may pull images that no object");
});

it.each<[string, OperatorFindingOptions]>([
  ["named to be copied", { extraImages: [`${POSTGRES}:17.6`, "ghcr.io/cloudnative-pg/pgbouncer:1.25.1"] }],
  ["allowed", { ignoreImages: ["ghcr.io/cloudnative-pg/*"] }],
])("leaves out what is %s", (_, options) => {
  expect(told(deployment(PG), options)).toEqual([]);
});

it("is a table of canonical repositories", () => {
  for (const { name, repository, images } of OPERATORS) {
    expect(repository.endsWith(`/${name}`)).toBe(true);
    for (const one of [repository, ...images.map((image) => image.repository)]) {
      const { registry, repository: path } = tryParseReference(one) ?? {};
      expect(`${registry}/${path}`).toBe(one);
    }
    expect(images.every(({ settings }) => settings.length > 0)).toBe(true);
  }
});
