import {
  copyJob,
  copyJobName,
  copyList,
  ownedBy,
  REGCTL_IMAGE,
  type CopyJobSettings,
} from "../../../src/copy/kubernetesJob/copyJob";

const digest = `sha256:${"a".repeat(64)}`;
const settings: CopyJobSettings = {
  namespace: "mirror",
  parallelism: 4,
  image: REGCTL_IMAGE,
  retries: 3,
  ttlSeconds: 3600,
};

describe("copyList", () => {
  test.each([
    [
      "reads a tag's image by the digest of the plan",
      "quay.io/a/b:1",
      "r.io/a/b:1",
      digest,
      `quay.io/a/b@${digest} r.io/a/b:1 ${digest}`,
    ],
    [
      "names Docker Hub's library",
      "nginx:1",
      "r.io/nginx:1",
      digest,
      `docker.io/library/nginx@${digest} r.io/nginx:1 ${digest}`,
    ],
    ["reads by tag where no digest is known", "quay.io/a/b:1", "r.io/a/b:1", undefined, "quay.io/a/b:1 r.io/a/b:1 -"],
    [
      "writes the tag where a target has both",
      `quay.io/a/b:1@${digest}`,
      `r.io/a/b:1@${digest}`,
      digest,
      `quay.io/a/b@${digest} r.io/a/b:1 ${digest}`,
    ],
    [
      "writes by digest where a target has no tag",
      `quay.io/a/b@${digest}`,
      `r.io/a/b@${digest}`,
      digest,
      `quay.io/a/b@${digest} r.io/a/b@${digest} ${digest}`,
    ],
  ])("%s", (_, source, target, known, line) => {
    expect(copyList([{ source, target, ...(known !== undefined && { digest: known }) }])).toBe(`${line}\n`);
  });
});

describe("copyJobName", () => {
  const one = { source: "quay.io/a/b:1", target: "r.io/a/b:1", digest };

  it("is the same for the same copies, and another one when a digest moves", () => {
    expect(copyJobName([one])).toBe(copyJobName([{ ...one }]));
    expect(copyJobName([one])).not.toBe(copyJobName([{ ...one, digest: `sha256:${"b".repeat(64)}` }]));
  });

  it("is a name for a Job and for the labels of its pods", () => {
    expect(copyJobName([one])).toMatch(/^chart-mirror-[0-9a-f]{12}$/);
  });
});

describe("copyJob", () => {
  const copies = ["1", "2"].map((tag) => ({ source: `quay.io/a/b:${tag}`, target: `r.io/a/b:${tag}`, digest }));

  it("has one completion for each image, and no more pods at a time than images", () => {
    expect(copyJob(copies, settings).spec).toMatchObject({ completionMode: "Indexed", completions: 2, parallelism: 2 });
    expect(copyJob(copies, { ...settings, parallelism: 1 }).spec?.parallelism).toBe(1);
  });

  it("tries each image again by itself, and is deleted some time after its end", () => {
    expect(copyJob(copies, settings).spec).toMatchObject({ backoffLimitPerIndex: 3, ttlSecondsAfterFinished: 3600 });
  });

  it("waits for what its pods mount", () => {
    expect(copyJob(copies, settings).spec?.suspend).toBe(true);
  });

  it("runs with no rights", () => {
    const spec = copyJob(copies, settings).spec?.template.spec;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(spec?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("takes the identity, the image and the nodes that it is told", () => {
    const job = copyJob(copies, {
      ...settings,
      image: "r.io/regctl:1",
      serviceAccount: "copier",
      imagePullSecrets: ["login"],
      nodeSelector: { pool: "big" },
    });
    expect(job.spec?.template.spec).toMatchObject({
      serviceAccountName: "copier",
      imagePullSecrets: [{ name: "login" }],
      nodeSelector: { pool: "big" },
      containers: [{ image: "r.io/regctl:1" }],
    });
  });

  it("owns what its pods mount, so that it goes with it", () => {
    const job = copyJob(copies, settings);
    const metadata = ownedBy({ ...job, metadata: { ...job.metadata, uid: "uid-1" } });
    expect(metadata).toMatchObject({
      name: copyJobName(copies),
      namespace: "mirror",
      ownerReferences: [{ kind: "Job", name: copyJobName(copies), uid: "uid-1" }],
    });
  });
});
