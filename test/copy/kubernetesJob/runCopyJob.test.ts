/* eslint-disable @typescript-eslint/require-await -- the fake answers at once what a cluster answers later */
import {
  copyJob,
  copyJobName,
  copyList,
  type CopyJobSettings,
  type JobCopy,
} from "../../../src/copy/kubernetesJob/copyJob";
import { runCopyJob } from "../../../src/copy/kubernetesJob/runCopyJob";
import { FakeCluster } from "./fakeCluster";

const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const copies: JobCopy[] = ["a", "b", "c"].map((letter) => ({
  source: `quay.io/team/${letter}:1`,
  target: `r.io/team/${letter}:1`,
  digest: digestOf(letter),
}));
const settings: CopyJobSettings = { namespace: "mirror", parallelism: 2, image: "regctl", retries: 1, ttlSeconds: 60 };
const name = copyJobName(copies);

function setUp() {
  const cluster = new FakeCluster();
  const said: string[] = [];
  let now = 0;
  const run = () =>
    runCopyJob(copies, {
      cluster,
      settings,
      config: '{"pass":"hunter2"}',
      log: {
        info: (text) => void said.push(text),
        warn: (text) => void said.push(text),
        status: (text) => void said.push(text),
      },
      clock: { now: () => now, date: () => now, sleep: async (ms) => void (now += ms) },
      redact: (text) => text.replaceAll("hunter2", "[secret]"),
    });
  return { cluster, said, run };
}

describe("runCopyJob", () => {
  it("starts the pods when what they mount is there, tells its progress, and gives the digests that pods read", async () => {
    const { cluster, said, run } = setUp();
    const digests = await run();
    expect(Object.fromEntries(digests)).toEqual(Object.fromEntries(copies.map((copy) => [copy.target, copy.digest])));
    expect(cluster.calls).toEqual(["create", "resume"]);
    expect(cluster.configMap?.data?.images?.split("\n")).toHaveLength(copies.length + 1);
    expect(said).toContain("2 of 3 images copied");
  });

  it("keeps the logins in a Secret that goes with the Job", async () => {
    const { cluster, said, run } = setUp();
    await run();
    expect(cluster.secret?.stringData).toEqual({ "regctl.json": '{"pass":"hunter2"}' });
    expect(cluster.secret?.metadata?.ownerReferences?.[0]?.uid).toBe("uid-1");
    expect(JSON.stringify([cluster.job, cluster.configMap, said])).not.toContain("hunter2");
  });

  it("reports every image that failed by name, with its pod's last lines and no secret, when the others are copied", async () => {
    const { cluster, run } = setUp();
    cluster.failing.set(0, "unauthorized: hunter2").set(2, "manifest unknown");
    const error: unknown = await run().catch((e: unknown) => e);
    expect(String(error)).toMatch(/quay\.io\/team\/a:1 to r\.io\/team\/a:1 .*\n.*unauthorized: \[secret\]/);
    expect(String(error)).toMatch(/quay\.io\/team\/c:1 .*\n.*manifest unknown/);
    expect(String(error)).not.toContain("team/b:1");
    expect(cluster.job?.status?.succeeded).toBe(1);
  });

  it("waits for the Job that an interrupted update left, and makes no second one", async () => {
    const { cluster, run } = setUp();
    cluster.job = { ...copyJob(copies, settings), metadata: { name, uid: "uid-0" }, status: {} };
    cluster.job.spec!.suspend = false;
    cluster.configMap = { data: { images: copyList(copies) } };
    expect((await run()).size).toBe(3);
    expect(cluster.calls).toEqual([]);
  });

  it("resumes a Job that was left suspended", async () => {
    const { cluster, run } = setUp();
    cluster.job = { ...copyJob(copies, settings), metadata: { name, uid: "uid-0" }, status: {} };
    await run();
    expect(cluster.calls).toEqual(["resume"]);
  });

  it.each(["Complete", "Failed"])("makes a new Job where one of the same images has ended: %s", async (type) => {
    const { cluster, run } = setUp();
    cluster.job = {
      ...copyJob(copies, settings),
      status: { conditions: [{ type, status: "True" }] as never },
    };
    await run();
    expect(cluster.calls).toEqual(["delete", "create", "resume"]);
  });

  it("gives up, and leaves nothing, when no pod can run", async () => {
    const { cluster, said, run } = setUp();
    cluster.waiting = "pull access denied";
    await expect(run()).rejects.toThrow(/no pod of it ran within 10 minutes \(ImagePullBackOff: pull access denied\)/);
    expect(cluster.job).toBeUndefined();
    expect(said.some((text) => text.includes("pull access denied"))).toBe(true);
  });

  it("outlasts a control plane that does not answer for a while", async () => {
    const { cluster, run } = setUp();
    const { resumeJob } = cluster;
    cluster.resumeJob = async () => {
      await resumeJob();
      cluster.unreachable = 20;
    };
    expect((await run()).size).toBe(3);
  });

  it("says so when somebody deletes the Job meanwhile", async () => {
    const { cluster, run } = setUp();
    const { resumeJob } = cluster;
    cluster.resumeJob = async () => {
      await resumeJob();
      cluster.job = undefined;
    };
    await expect(run()).rejects.toThrow(/it was deleted while it ran/);
  });
});
