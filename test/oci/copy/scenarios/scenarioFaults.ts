import type {
  BehaviourOption,
  FaultAction,
  FaultMatch,
  RecordedRequest,
  TestRegistry,
} from "../../../support/registry";
import type { Choices } from "../choices";

/** Targets of all kinds; those that are not strict take a manifest without looking for what it names. */
export const BEHAVIOURS: readonly { readonly behaviour: BehaviourOption; readonly strict: boolean }[] = [
  { behaviour: "specification", strict: true },
  { behaviour: { strict: false }, strict: false },
  { behaviour: { strict: false, mount: "upload" }, strict: false },
  { behaviour: { mount: "refused" }, strict: true },
  { behaviour: { mountNeedsManifest: true }, strict: true },
  { behaviour: { chunks: "refused" }, strict: true },
  { behaviour: { chunks: "overwritten", locations: "url" }, strict: true },
  { behaviour: { immutableTags: true, singlePost: false }, strict: true },
  { behaviour: { subjects: false, referrers: false }, strict: true },
  { behaviour: { preset: "acr", tokens: "docker" }, strict: true },
  { behaviour: "artifactRegistry", strict: true },
  { behaviour: "ecr", strict: true },
  { behaviour: "distribution", strict: true },
];

const MATCHES: readonly FaultMatch[] = [
  {},
  { method: "GET" },
  { method: "HEAD" },
  { method: "GET", path: /\/blobs\/sha/ },
  { method: "GET", path: /\/manifests\// },
  { method: "GET", path: /\/referrers\// },
  { path: /^\/storage\// },
  { method: "POST" },
  { method: "POST", path: /mount=/ },
  { method: "PATCH" },
  { method: "PUT" },
  { method: "PUT", path: /\/uploads\// },
  { method: "PUT", path: /\/manifests\// },
  { path: /token/ },
];

/** Requests whose success a registry may claim in vain: it notices itself when the manifest comes that needs the blob. */
const CLAIMS: readonly { readonly match: FaultMatch; readonly status: number }[] = [
  { match: { method: "POST", path: /mount=/ }, status: 201 },
  { match: { method: "PUT", path: /\/uploads\// }, status: 201 },
  { match: { method: "HEAD", path: /\/blobs\// }, status: 200 },
  { match: { method: "PUT", path: /\/manifests\// }, status: 201 },
];

/** Statuses that a registry, or a proxy before it, answers instead of what it should. */
const STATUSES = [400, 401, 403, 404, 405, 408, 409, 412, 413, 416, 429, 500, 501, 502, 503, 504];

/** The registries of a scenario. */
export interface Stage {
  readonly source: TestRegistry;
  readonly target: TestRegistry;
  /** A host that has nothing to do with either. */
  readonly stranger: TestRegistry;
  /** Whether the target looks for what a manifest names. */
  readonly strict: boolean;
}

/** What goes wrong first, and whether that is the answer to a mount, for which images have to share blobs. */
export interface Turn {
  readonly isMount: boolean;
  readonly add: () => void;
}

/** The seed's turn among all that must be tried. */
export function turnOf(choices: Choices, stage: Stage, seed: number): Turn {
  const { source, target, strict } = stage;
  const others = actions(choices, stage).flat();
  const at = seed % (others.length + MOUNT_ANSWERS.length);
  const action = others[at];
  if (action) {
    const match = { ...choices.one(COMMON_MATCHES), nth: 1 + choices.below(3), times: choices.one([1, 2, Infinity]) };
    return { isMount: false, add: () => choices.one([source, target]).faults.add({ match, action }) };
  }
  const answer = MOUNT_ANSWERS[at - others.length] ?? 500;
  // Mounts that are none are noticed only where a manifest is compared with what is there.
  const status = answer === 201 && !strict ? 202 : answer;
  const match = { method: "POST", path: /mount=/, times: choices.one([1, 2, Infinity]) };
  return { isMount: true, add: () => target.faults.add({ match, action: { kind: "answer", status } }) };
}

/** What comes with it by chance. */
export function addChances(choices: Choices, stage: Stage): void {
  for (let more = choices.below(5); more > 0; more--) addChance(choices, stage);
}

function addChance(choices: Choices, stage: Stage): void {
  const { source, target, strict } = stage;
  const when = { nth: choices.one([1, 1, 1, 2, 2, 3, 5, 8]), times: choices.one([1, 1, 1, 2, 3, 5, Infinity]) };
  const server = choices.one([source, target]);
  const kind = choices.below(20);
  // To readings a success may be played anywhere.
  if (kind === 0) return server.faults.add({ match: { method: "GET", ...when }, action: SUCCESS });
  if (kind === 1 && strict) {
    const { match, status } = choices.one(CLAIMS);
    const times = choices.one([1, 2, 3]);
    return target.faults.add({ match: { ...match, nth: when.nth, times }, action: { kind: "answer", status } });
  }
  const action = choices.one(choices.one(actions(choices, stage)));
  server.faults.add({ match: { ...choices.one(MATCHES), ...when }, action });
}

const SUCCESS: FaultAction = { kind: "answer", status: 200, body: "<html>busy</html>" };

const MOUNT_ANSWERS = [201, 202, 405, 500, 401, 403, 404, 429, 201, 202, 405, 500];

/** Requests that nearly every copy makes. */
const COMMON_MATCHES: readonly FaultMatch[] = [
  {},
  { method: "GET" },
  { method: "HEAD" },
  { method: ["GET", "PUT"] },
  { method: ["GET", "POST"] },
  { method: ["GET", "PATCH"] },
  { method: ["GET", "PUT"], path: /\/manifests\// },
  { method: ["GET", "PUT"], path: /\/blobs\// },
];

/** What can go wrong with a request, in groups of a kind. */
function actions(choices: Choices, { source, target, stranger, strict }: Stage): readonly (readonly FaultAction[])[] {
  const offset = choices.one([0, 1, 100, 3000, 200_000]);
  const meanwhile = (happen: () => void): FaultAction => ({ kind: "meanwhile", happen });
  const retryAfter = choices.one(["2", "0", "soon", "86400", new Date(Date.now() + 5000).toUTCString()]);
  return [
    STATUSES.map((status) => ({ kind: "answer", status })),
    [429, 503].map((status) => ({ kind: "answer", status, headers: { "retry-after": retryAfter } })),
    [{ kind: "answer", status: 202 }],
    [
      { kind: "redirect", to: "http://127.0.0.1:9/" },
      { kind: "redirect", to: `${stranger.url}/v2/x/blobs/y` },
    ],
    [{ kind: "close", afterRequestBytes: offset }],
    [{ kind: "noSpace", afterRequestBytes: offset, status: choices.one([500, 507]) }],
    [{ kind: "loseAnswer" }],
    [{ kind: "cut", after: offset }],
    [
      { kind: "truncate", after: offset },
      { kind: "truncate", after: offset, contentLength: true },
    ],
    [
      { kind: "flip", at: offset },
      { kind: "flip", at: offset, in: "request" },
    ],
    [{ kind: "keepPart", bytes: offset }],
    [{ kind: "wrongLength", by: choices.one([-7, 7]) }],
    [{ kind: "stall", after: offset }],
    [
      meanwhile(() => source.revokeTokens()),
      meanwhile(() => target.revokeTokens()),
      meanwhile(() => source.interrupt()),
      meanwhile(() => target.interrupt()),
      // A target that does not look for blobs takes a manifest whose blobs a cleanup has just taken away.
      meanwhile(() => strict && target.collectGarbage()),
    ],
  ];
}

/** What to call a fault that met a request, so that it can be counted. */
export function faultName({ fault = "", status, path }: RecordedRequest): string {
  const answered = fault === "answer" ? `${fault} ${status}` : fault;
  return path.includes("mount=") && fault === "answer" ? `${answered} to a mount` : answered;
}

/** Faults that have to be met in any few hundred scenarios. */
export const EXPECTED_FAULTS: readonly string[] = [
  ...STATUSES.map((status) => `answer ${status}`),
  ...["answer 200", "answer 202", "redirect", "close", "noSpace", "loseAnswer", "cut", "truncate", "flip", "keepPart"],
  ...["wrongLength", "stall", "meanwhile"],
  ...[201, 202, 405, 500].map((status) => `answer ${status} to a mount`),
];
