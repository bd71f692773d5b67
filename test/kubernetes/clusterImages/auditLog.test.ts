import { readAuditLog } from "../../../src/kubernetes/clusterImages/auditLog";

const OUTSIDE = ", outside the mirror (r.test/p/). Name the image there";

function failure(message: string, policy = "chart-mirror-12345678"): string {
  return JSON.stringify([
    { message, policy, binding: `${policy}-warn`, expressionIndex: 0, validationActions: ["Audit"] },
  ]);
}

function event(image: string, extra: object = {}): object {
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    stage: "ResponseComplete",
    user: { username: "system:serviceaccount:kafka:operator" },
    objectRef: { resource: "pods", namespace: "shop", name: "web-0", apiVersion: "v1" },
    requestReceivedTimestamp: "2026-12-01T00:00:00.000000Z",
    annotations: {
      "validation.policy.admission.k8s.io/validation_failure": failure(`container web would pull ${image}${OUTSIDE}`),
    },
    ...extra,
  };
}

/** As Cloud Logging hands out what a cluster of GKE has audited. */
function googleEntry(extra: object = {}): object {
  const { annotations } = event("nginx:1") as { annotations: object };
  return {
    insertId: "1",
    logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    resource: { type: "k8s_cluster", labels: { cluster_name: "shop", location: "europe-west1" } },
    operation: { id: "1", producer: "k8s.io", first: true, last: true },
    labels: { "authorization.k8s.io/decision": "allow", ...annotations },
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      serviceName: "k8s.io",
      methodName: "io.k8s.core.v1.pods.create",
      resourceName: "core/v1/namespaces/shop/pods/web-0",
      authenticationInfo: { principalEmail: "system:serviceaccount:kafka:operator" },
      status: { code: 0 },
    },
    timestamp: "2026-12-01T00:00:00.000000Z",
    ...extra,
  };
}

async function read(...texts: string[]) {
  async function* chunks(): AsyncGenerator<Buffer> {
    // In pieces that end anywhere, also inside of a character.
    const bytes = Buffer.from(texts.join(""));
    for (let at = 0; at < bytes.length; at += 7) yield await Promise.resolve(bytes.subarray(at, at + 7));
  }
  return readAuditLog(chunks());
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const use = {
  namespace: "shop",
  object: "pods/web-0",
  container: "container web",
  image: "nginx:1",
  user: "system:serviceaccount:kafka:operator",
  refused: false,
  count: 1,
  last: "2026-12-01T00:00:00.000000Z",
};

it.each([
  ["the API server's own lines", line(event("nginx:1"))],
  ["a last line without an end", JSON.stringify(event("nginx:1"))],
  ["a list of events", line({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: [event("nginx:1")] })],
  [
    "a text in `log`, as Azure's storage has it",
    line({ category: "kube-audit", properties: { log: line(event("nginx:1")) } }),
  ],
  ["a text in `log_s`, of the table AzureDiagnostics", line({ log_s: JSON.stringify(event("nginx:1")) })],
  [
    "columns, of the table AKSAudit",
    line({
      Stage: "ResponseComplete",
      ObjectRef: { resource: "pods", namespace: "shop", name: "web-0" },
      User: JSON.stringify({ username: use.user }),
      Annotations: {
        "validation.policy.admission.k8s.io/validation_failure": failure(`container web would pull nginx:1${OUTSIDE}`),
      },
      RequestReceivedTime: use.last,
    }),
  ],
  ["an entry of Google Cloud, which has annotations as labels", line(googleEntry())],
  ["a list of such entries over several lines", `[\n  ${JSON.stringify(googleEntry())},\n]\n`],
  ["`@message` of CloudWatch Insights", line({ "@timestamp": "now", "@message": event("nginx:1") })],
  [
    "fields and values of CloudWatch Insights",
    line({ results: 1, events: [[{ field: "@message", value: JSON.stringify(event("nginx:1")) }]] }),
  ],
  ["`message` of aws logs filter-log-events", line({ events: [{ message: JSON.stringify(event("nginx:1")) }] })],
  [
    "times before the event, as aws logs tail prints",
    `2026-12-01T00:00:00 kube-apiserver-audit-1 ${line(event("nginx:1"))}`,
  ],
  ["an item of a list over several lines", `  ${JSON.stringify(event("nginx:1"))},\n`],
])("reads %s", async (_, text) => {
  expect(await read("not about it\n", text)).toEqual({ uses: [use], uncounted: 0, unread: 0, left: 0 });
});

it("counts what is said again, and keeps the last time", async () => {
  const later = { requestReceivedTimestamp: "2026-12-02T00:00:00.000000Z" };
  const { uses } = await read(line(event("nginx:1", later)), line(event("nginx:1")), line(event("nginx:2")));
  expect(uses).toEqual([
    { ...use, count: 2, last: later.requestReceivedTimestamp },
    { ...use, image: "nginx:2" },
  ]);
});

it("reads what was refused", async () => {
  const message = `pods is forbidden: ValidatingAdmissionPolicy 'chart-mirror-1' with binding 'chart-mirror-1-deny' denied request: container web would pull nginx:1${OUTSIDE}`;
  const { uses } = await read(line(event("-", { annotations: {}, responseStatus: { code: 422, message } })));
  expect(uses).toEqual([{ ...use, refused: true }]);
});

it("reads what was refused in a cluster of GKE, and in parts of objects", async () => {
  const message = `pods is forbidden: ValidatingAdmissionPolicy 'chart-mirror-1' with binding 'chart-mirror-1-deny' denied request: container web would pull nginx:1${OUTSIDE}`;
  const refused = (resourceName: string, failure: object): object =>
    googleEntry({
      labels: {},
      protoPayload: { resourceName, authenticationInfo: { principalEmail: use.user }, ...failure },
    });
  const { uses } = await read(
    line(refused("core/v1/namespaces/shop/pods", { status: { code: 7, message } })),
    line(
      refused("core/v1/namespaces/shop/pods/web-0/ephemeralcontainers", { response: { status: "Failure", message } }),
    ),
    line(
      refused("apps/v1/namespaces/shop/deployments/web", { status: { message: "Forbidden" }, response: { message } }),
    ),
  );
  expect(uses).toEqual(
    ["pods/(named by the API server)", "pods/web-0/ephemeralcontainers", "deployments/web"].map((object) => ({
      ...use,
      object,
      refused: true,
    })),
  );
});

it.each([
  ["events of other stages", line(event("nginx:1", { stage: "RequestReceived" }))],
  [
    "policies of others",
    line({
      ...event("nginx:1"),
      annotations: {
        "validation.policy.admission.k8s.io/validation_failure": failure(
          `container web would pull nginx:1${OUTSIDE}`,
          "other",
        ),
      },
      note: "chart-mirror-x",
    }),
  ],
  ["lines that name no policy", line(event("nginx:1")).replaceAll("chart-mirror-", "other-")],
])("leaves out %s", async (_, text) => {
  expect(await read(text)).toEqual({ uses: [], uncounted: 0, unread: 0, left: 0 });
});

it.each([
  ["what is no JSON", "chart-mirror-1 {]\n"],
  ["what is no event", line({ name: "chart-mirror-1", __proto__: 1 })],
  ["wrappings without an end", `${'{"log":'.repeat(50)}"chart-mirror-1"${"}".repeat(50)}\n`],
  ["a line that is longer than any event", `${"x".repeat(17 * 1024 * 1024)}\n`],
])("tells of %s, and goes on behind it", async (_, text) => {
  async function* chunks(): AsyncGenerator<string> {
    yield await Promise.resolve(text);
    yield line(event("nginx:1"));
  }
  expect(await readAuditLog(chunks())).toEqual({ uses: [use], uncounted: 0, unread: 1, left: 0 });
});

it("keeps so many uses and counts the rest; images that a message counts are counted", async () => {
  const one = event("nginx:1", {
    annotations: {
      "validation.policy.admission.k8s.io/validation_failure": failure(
        `container web would pull nginx:1; and 7 more${OUTSIDE}`,
      ),
    },
  });
  async function* chunks(): AsyncGenerator<string> {
    for (let i = 0; i < 20_010; i++) yield await Promise.resolve(line(event(`x.test/i:${i}`)));
    yield line(one);
  }
  const { uses, left, uncounted } = await readAuditLog(chunks());
  expect([uses.length, left, uncounted]).toEqual([20_000, 11, 7]);
});
