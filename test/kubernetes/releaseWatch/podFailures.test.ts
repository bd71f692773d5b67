import type { CoreV1Event, V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import {
  describeFailure,
  describeFailures,
  podFailure,
  waitingContainers,
  type PodFailure,
} from "../../../src/kubernetes/releaseWatch/podFailures";

const IMAGE = "r.io/team/app:1";

function pod(waiting: { reason: string; message?: string } | undefined, more: Partial<V1Pod> = {}): V1Pod {
  return {
    metadata: { name: "app-1", namespace: "shop" },
    spec: { containers: [{ name: "main", image: IMAGE }], imagePullSecrets: [{ name: "pull" }] },
    status: {
      containerStatuses: [
        {
          name: "main",
          // The container runtime's own name of it.
          image: "r.io/team/app@sha256:00",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: waiting ? { waiting } : { running: {} },
        },
      ],
    },
    ...more,
  };
}

const at = (second: number): Date => new Date(second * 1000);
const event = (message: string, more: Partial<CoreV1Event> = {}): CoreV1Event => ({
  metadata: {},
  involvedObject: { name: "app-1", fieldPath: "spec.containers{main}" },
  type: "Warning",
  reason: "Failed",
  message,
  lastTimestamp: at(1),
  ...more,
});

describe("waitingContainers", () => {
  test.each(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError"])(
    "finds one in %s",
    (reason) => expect(waitingContainers(pod({ reason }))).toMatchObject([{ container: "main", image: IMAGE, reason }]),
  );

  test.each(["ContainerCreating", "PodInitializing", "CrashLoopBackOff"])("leaves %s alone", (reason) =>
    expect(waitingContainers(pod({ reason }))).toEqual([]),
  );

  it("leaves a running one and a pod that goes alone", () => {
    expect(waitingContainers(pod(undefined))).toEqual([]);
    const going = { metadata: { name: "app-1", deletionTimestamp: at(1) } };
    expect(waitingContainers(pod({ reason: "ErrImagePull" }, going))).toEqual([]);
    expect(waitingContainers({})).toEqual([]);
  });

  it("finds those that initialise the pod", () => {
    const status = { name: "setup", image: "", imageID: "", ready: false, restartCount: 0 };
    const made = pod(undefined, {
      spec: { initContainers: [{ name: "setup", image: "r.io/setup:1" }], containers: [] },
      status: { initContainerStatuses: [{ ...status, state: { waiting: { reason: "ErrImagePull" } } }] },
    });
    expect(waitingContainers(made)).toMatchObject([{ container: "setup", image: "r.io/setup:1" }]);
  });
});

describe("podFailure", () => {
  const failure = (events: CoreV1Event[], message = 'Back-off pulling image "r.io/team/app:1"') =>
    podFailure(waitingContainers(pod({ reason: "ImagePullBackOff", message }))[0]!, events);

  it("takes the newest event of the container that says why, in one line", () => {
    const found = failure([
      event("older", { lastTimestamp: at(2) }),
      event('Failed to pull image "r.io/team/app:1":\n  r.io/team/app:1: not found.', { lastTimestamp: at(3) }),
      event("Error: ErrImagePull", { lastTimestamp: at(4) }),
      event("Error: ImagePullBackOff", { lastTimestamp: at(5) }),
      event("Back-off pulling image", { reason: "BackOff", lastTimestamp: at(6) }),
      event("of another container", { involvedObject: { fieldPath: "spec.containers{other}" }, lastTimestamp: at(7) }),
      event("kubelet does not have ClusterDNS IP configured", {
        involvedObject: { name: "app-1" },
        lastTimestamp: at(8),
      }),
      event("Successfully assigned", { type: "Normal", lastTimestamp: at(8) }),
    ]);
    expect(found).toMatchObject({
      pod: "shop/app-1",
      container: "main",
      image: IMAGE,
      problem: "not-found",
      words: 'Failed to pull image "r.io/team/app:1": r.io/team/app:1: not found',
    });
    expect(describeFailure(found)).toMatch(
      /^pod shop\/app-1, container main: r\.io\/team\/app:1 .*\(ImagePullBackOff\): .*: not found\. Look in r\.io/,
    );
  });

  it("falls back to the words of the state, and to its name", () => {
    expect(failure([]).words).toBe('Back-off pulling image "r.io/team/app:1"');
    expect(failure([], "").words).toBe("ImagePullBackOff");
  });

  it("takes an event by any of its times", () => {
    const first = event("401 Unauthorized", { lastTimestamp: undefined as never, firstTimestamp: at(9) });
    expect(failure([event("older"), first]).problem).toBe("login");
  });

  it("tells a Secret that is missing from one with a wrong login", () => {
    const refused = event("Failed to pull image: 401 Unauthorized");
    const missing = event(
      "Unable to retrieve some image pull secrets (extra, pull); attempting to pull the image may not succeed.",
      {
        reason: "FailedToRetrieveImagePullSecret",
        involvedObject: { name: "app-1" },
      },
    );
    expect(failure([refused]).problem).toBe("login");
    const found = failure([missing, refused]);
    expect(found.problem).toBe("secret-missing");
    expect(found.words).toContain("there is no Secret pull");
    expect(found.remedy).toContain("Make the Secret pull in the namespace shop");
    // It is not why an image is not found.
    expect(failure([missing, event("r.io/team/app:1: not found")]).problem).toBe("not-found");
  });

  it("shows no signature of an address", () => {
    const { words } = failure([event('Get "https://s3.test/blob?X-Amz-Signature=hush&b=c": i/o timeout')]);
    expect(words).toBe('Get "https://s3.test/blob?…": i/o timeout');
  });
});

describe("describeFailures", () => {
  const failure = (pod: string, remedy: string): PodFailure => ({
    pod,
    container: "main",
    image: `r.io/${pod}:1`,
    reason: "ErrImagePull",
    problem: "login",
    words: "401",
    remedy,
    passes: false,
  });

  it("tells together what has one remedy, and counts what is left", () => {
    const one = failure("a", "Mend the Secret");
    const failures = [
      one,
      failure("b", "Call someone"),
      ...["c", "d", "e"].map((pod) => failure(pod, "Mend the Secret")),
    ];
    expect(describeFailures(failures, 2)).toEqual([
      `${describeFailure(one)}. The same holds for\n  pod c, container main: r.io/c:1\n  and 2 more`,
      describeFailure(failures[1]!),
    ]);
    expect(describeFailures(failures)[0]).toContain("pod e, container main");
    expect(describeFailures([])).toEqual([]);
  });
});
