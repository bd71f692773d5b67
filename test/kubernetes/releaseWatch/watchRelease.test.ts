/* eslint-disable @typescript-eslint/require-await -- the fake answers at once what a cluster answers later */
import type { CoreV1Event, V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type { HelmRelease } from "../../../src/kubernetes/releaseWatch/helmRelease";
import type { ReleaseCluster, ReleaseQuery } from "../../../src/kubernetes/releaseWatch/releaseCluster";
import { watchRelease } from "../../../src/kubernetes/releaseWatch/watchRelease";

const release: HelmRelease = {
  name: "shop",
  namespace: "shop",
  revision: 1,
  status: "pending-install",
  objects: [{ kind: "StatefulSet", namespace: "shop", name: "api" }],
};

function pod(name: string, reason: string | undefined, owner = "api"): V1Pod {
  return {
    metadata: {
      name,
      namespace: "shop",
      uid: name,
      ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: owner, uid: owner, controller: true }],
    },
    spec: { containers: [{ name: "main", image: "r.io/api:1" }], imagePullSecrets: [{ name: "pull" }] },
    status: {
      containerStatuses: [
        {
          name: "main",
          image: "r.io/api:1",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: reason === undefined ? { running: {} } : { waiting: { reason } },
        },
      ],
    },
  };
}

interface Script {
  /** The pods of each look; the last one stays. */
  readonly looks?: readonly (readonly V1Pod[] | Error)[];
  /** The look at which the release has come to its end. */
  readonly endsAt?: number;
  /** Looks before helm has begun. */
  readonly late?: number;
  readonly connect?: () => Promise<ReleaseCluster>;
  readonly warnings?: () => Promise<CoreV1Event[]>;
  readonly release?: ReleaseQuery;
  /** Whether the cluster has the Secrets that it is asked for. */
  readonly hasSecret?: () => Promise<boolean>;
  /** When they were written. */
  readonly secretWritten?: () => Promise<number | undefined>;
}

/** Plays a cluster from look to look, and gives what was told. */
async function watched({
  looks = [[]],
  endsAt = 8,
  late = 0,
  connect,
  warnings,
  hasSecret,
  secretWritten,
  ...more
}: Script) {
  const [warned, shown, asked, informed]: string[][] = [[], [], [], []];
  let look = 0;
  let listed = 0;
  let now = 0;
  const cluster: ReleaseCluster = {
    namespace: "default",
    releases: async (namespace, query) => {
      asked!.push(`${namespace} ${JSON.stringify(query)}`);
      return look > late ? [release] : [];
    },
    pods: async () => {
      const pods = looks[Math.min(listed++, looks.length - 1)]!;
      if (pods instanceof Error) throw pods;
      return pods;
    },
    warnings:
      warnings ??
      (async () => [
        {
          metadata: {},
          involvedObject: { fieldPath: "spec.containers{main}" },
          type: "Warning",
          message: "r.io/api:1: not found",
        },
      ]),
    hasSecret: hasSecret ?? (async () => false),
    secretWritten: secretWritten ?? (async () => undefined),
  };
  await watchRelease({
    connect: connect ?? (async () => cluster),
    release: more.release ?? { name: "shop" },
    namespace: "shop",
    ended: () => look >= endsAt,
    patience: 300_000,
    log: {
      info: (text) => void informed!.push(text),
      warn: (text) => void warned!.push(text),
      status: (text) => void shown!.push(text),
    },
    clock: { now: () => now, date: () => now, sleep: async (ms) => void ((now += ms), look++) },
  });
  return { warned: warned!, shown: shown!, asked: asked!, informed: informed!, listed, seconds: now / 1000 };
}

const [failing, fine] = [pod("api-0", "ImagePullBackOff"), pod("api-0", undefined)];

it("names pod, container, image, reason, the event's words and a remedy, once", async () => {
  const { warned } = await watched({ looks: [[failing]] });
  expect(warned).toHaveLength(1);
  expect(warned[0]).toMatch(
    /^The release shop\/shop waits for pod shop\/api-0, container main: r\.io\/api:1 .*ImagePullBackOff.*: r\.io\/api:1: not found\. Look in r\.io/,
  );
});

test.each<[string, Script, number]>([
  ["nothing of a release that is deployed before the first look", { looks: [[failing]], endsAt: 1 }, 0],
  ["nothing of a pod that pulls at the second try", { looks: [[failing], [fine]] }, 0],
  ["nothing of a pod that fails now and then", { looks: [[failing], [fine], [failing], [fine]] }, 0],
  ["nothing of other pods in the namespace", { looks: [[pod("other-0", "ErrImagePull", "other")]] }, 0],
  ["once what fails alike in replicas", { looks: [[failing, pod("api-1", "ErrImagePull")]] }, 1],
  ["once a pod that goes on between two states", { looks: [[failing], [pod("api-0", "ErrImagePull")], [failing]] }, 1],
  ["what fails although helm began later", { looks: [[failing]], late: 3 }, 1],
  ["what fails after the control plane was away", { looks: [[failing], new Error("refused"), [failing]] }, 1],
  [
    "what the state says where events may not be read",
    { looks: [[failing]], warnings: () => Promise.reject(new Error()) },
    1,
  ],
])("tells %s", async (_, script, times) => expect((await watched(script)).warned).toHaveLength(times));

const LATE: CoreV1Event[] = [
  {
    metadata: {},
    involvedObject: {},
    reason: "FailedToRetrieveImagePullSecret",
    message: "Unable to retrieve some image pull secrets (pull); attempting to pull the image may not succeed.",
  },
  { metadata: {}, involvedObject: { fieldPath: "spec.containers{main}" }, type: "Warning", message: "r.io/api:1: 401" },
];

/** The kubelet's warnings of one pull without the Secret; further pulls that fail are refused with it. */
const slowAt = (asked: number, refused: number, count = 1): CoreV1Event[] => {
  const [slow, failed] = LATE as [CoreV1Event, CoreV1Event];
  const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000);
  return [
    { ...slow, count, lastTimestamp: at(asked) },
    { ...failed, lastTimestamp: at(refused) },
  ];
};

test.each<[string, CoreV1Event[], boolean, number]>([
  ["nothing of the one pull for which the kubelet did not get a Secret in time", slowAt(0, 1), true, 0],
  ["a pull that fails with the Secret, too", slowAt(0, 11), true, 1],
  ["that the kubelet is too slow again and again", slowAt(10, 11, 2), true, 1],
  ["that the Secret is not there", slowAt(0, 1), false, 1],
])("tells %s", async (_, events, there, times) => {
  const script = { looks: [[failing]], warnings: async () => events, hasSecret: async () => there };
  expect((await watched(script)).warned).toHaveLength(times);
});

/** A pull that was refused at that second. */
const refusedAt = (seconds?: number): CoreV1Event[] => [
  {
    ...(LATE[1] as CoreV1Event),
    ...(seconds !== undefined && { lastTimestamp: new Date(1_700_000_000_000 + seconds * 1000) }),
  },
];
const writtenAt = (seconds: number) => async () => 1_700_000_000_000 + seconds * 1000;

test.each<[string, CoreV1Event[], () => Promise<number | undefined>, number]>([
  ["nothing of a refusal that is older than the login", refusedAt(0), writtenAt(1), 0],
  ["nothing of one in the second of the last write", refusedAt(1), writtenAt(1), 0],
  ["a refusal of the login that is there", refusedAt(2), writtenAt(1), 1],
  ["a refusal whose time nobody knows", refusedAt(), writtenAt(1), 1],
  ["a refusal where nobody may look at the Secret", refusedAt(0), () => Promise.reject(new Error("forbidden")), 1],
])("tells %s", async (_, events, secretWritten, times) => {
  const script = { looks: [[failing]], warnings: async () => events, hasSecret: async () => true, secretWritten };
  expect((await watched(script)).warned).toHaveLength(times);
});

test.each<[string, () => Promise<boolean>, string]>([
  ["is not there", async () => false, "there is no Secret pull"],
  ["is there, which the kubelet did not get in time", async () => true, "Check that the Secret pull "],
  ["may not be looked for", () => Promise.reject(new Error("forbidden")), "there is no Secret pull"],
])("believes the kubelet about a Secret that %s as far as the cluster does", async (_, hasSecret, said) => {
  const { warned } = await watched({ looks: [[failing]], warnings: async () => LATE, hasSecret });
  expect(warned.join()).toContain(said);
});

it("does not ask for a cluster before the first look", async () => {
  const connect = jest.fn();
  await watched({ connect, endsAt: 1 });
  expect(connect).not.toHaveBeenCalled();
});

it("says where it cannot look, once, and lets the release go on", async () => {
  const missing = await watched({ connect: () => Promise.reject(new Error("no client")) });
  expect([missing.warned, missing.shown]).toEqual([[], [expect.stringContaining("no client")]]);
  const refused = await watched({ looks: [new Error("403 forbidden")], endsAt: 100 });
  expect([refused.warned, refused.shown]).toEqual([[], [expect.stringContaining("403 forbidden")]]);
  expect(refused.listed).toBe(6);
  // In the log only when the release is not deployed a minute later.
  expect(refused.informed).toEqual(refused.shown);
  expect((await watched({ connect: () => Promise.reject(new Error("no client")), endsAt: 2 })).informed).toEqual([]);
});

it("ends when nobody waits any more", async () => {
  const { seconds, listed } = await watched({ endsAt: Infinity });
  expect(seconds).toBeLessThan(400);
  expect(listed).toBeGreaterThan(10);
});

it("asks for helm's record until it is there, and for one that helm works at", async () => {
  const query = { name: "shop", anyEnding: true };
  const { asked } = await watched({ late: 2, release: query });
  expect(asked).toEqual(Array(3).fill(`shop ${JSON.stringify({ ...query, pending: true })}`));
});
