/** What a preview finds out about a mirror's logins, at registries of many kinds, and that it leaves nothing there. */
import * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../../../src/copy/copyMethod";
import { ExistingRegistry, type ExistingRegistryArgs } from "../../../src/registry/existingRegistry";
import { tryLogins, type LoginTrialArgs, type LoginTrials } from "../../../src/release/loginTrials/loginTrials";
import { isConnectionError, MirrorLogin } from "../../../src/release/loginTrials/mirrorLogin";
import type { AccessInput } from "../../../src/copy/imageCopyInputs";
import { freePort } from "../../support/freePort";
import { makeImage, pushImage } from "../../support/images";
import { startQuay, type Quay } from "../../support/quay";
import { startRegistry, type RegistryOptions, type TestRegistry, type Users } from "../../support/registry";
import { ScriptedRegistry } from "../../support/registry/scriptedRegistry";

/** A preview, in which nothing of the program is there yet. */
beforeAll(() =>
  pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "project", "stack", true),
);

const pull = ["pull" as const];
const push = ["pull" as const, "push" as const];
const users: Users = {
  ci: { password: "right", access: [{ repositories: "*", actions: push }] },
  readonly: { password: "right", access: [{ repositories: "*", actions: pull }] },
  writer: { password: "right", access: [{ repositories: "*", actions: ["push"] }] },
  team: { password: "right", access: [{ repositories: "team/web", actions: push }] },
  pods: { password: "pods", access: [{ repositories: "*", actions: pull }] },
  blind: { password: "pods", access: [] },
};
const ci = { username: "ci", password: "right" };
const pods = { username: "pods", password: "pods" };
const NAMES = ["team/web:1", "team/proxy:2"];

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});
const kept = <T extends { close(): Promise<void> }>(one: T): T => {
  closing.push(one);
  return one;
};

describe("one login", () => {
  it("at a registry that wants TLS, though plain http was said, is no matter of the login", async () => {
    const server = kept(await new ScriptedRegistry(() => undefined).listen());
    server.says((_, response) => void response.writeHead(400).end("Client sent an HTTP request to an HTTPS server.\n"));
    const login = kept(loginAt({ host: server.host, plainHttp: true, ...ci }));
    const outcomes = [await login.look(`${server.host}/a:1`), await login.push(`${server.host}/a:1`)];
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ kind: "general", error: { code: "REGISTRY_SPEAKS_TLS" } });
    expect(outcomes.map((outcome) => isConnectionError((outcome as { error?: Error }).error))).toEqual([true, true]);
  });

  it("that may not push is told of in the words of the registry's kind, and where it is", async () => {
    const server = kept(await startRegistry({ auth: { scheme: "basic", users } }));
    const access = { host: "mirror.test", location: server.host, plainHttp: true, kind: "acr" } as const;
    const login = kept(loginAt({ ...access, ...ci }));
    server.faults.add({
      match: { path: /team\/web/, times: Infinity },
      action: { kind: "answer", status: 401, headers: { "www-authenticate": "Basic" } },
    });
    const outcome = await login.push("mirror.test/team/web:1");
    expect(outcome).toMatchObject({ kind: "denied", error: { code: "ACCESS_DENIED" } });
    const { message } = (outcome as { error: Error }).error;
    expect(message).toContain(`${server.host} for mirror.test`);
    expect(message).toContain("AcrPush");
  });
});

/** A login, which its test closes. */
function loginAt(access: AccessInput): MirrorLogin & { close(): Promise<void> } {
  const login = new MirrorLogin(access);
  const close = login.close.bind(login);
  return Object.assign(login, { close: () => Promise.resolve(close()) });
}

let count = 0;
function trialAt(
  host: string,
  args: Partial<ExistingRegistryArgs> = {},
  more: Partial<LoginTrialArgs> = {},
  opts?: pulumi.ComponentResourceOptions,
): Promise<LoginTrials> {
  const registry = new ExistingRegistry(`mirror${count++}`, { host, plainHttp: true, ...args }, opts);
  return tryLogins(
    {
      registry,
      copyWith: undefined,
      images: NAMES.map((name) => `${host}/${name}`),
      charts: [],
      pullSecret: undefined,
      ...more,
    },
    [],
  );
}

const codes = ({ problems }: LoginTrials): unknown[] => problems.map((problem) => (problem as { code?: string }).code);
const nothingLeft = (mirror: TestRegistry): void => {
  expect(mirror.repositories()).toEqual([]);
  expect(mirror.requests.all.filter(({ method }) => ["POST", "PUT", "DELETE"].includes(method))).toEqual([]);
};

describe.each<[string, RegistryOptions]>([
  ["Basic", { auth: { scheme: "basic", users } }],
  [
    "Basic that answers 403 to a wrong password",
    { auth: { scheme: "basic", users }, behaviour: { wrongCredentials: 403 } },
  ],
  ["Bearer", { auth: { scheme: "bearer", users } }],
  [
    "Bearer with anonymous pulls",
    { auth: { scheme: "bearer", users, anonymous: [{ repositories: "*", actions: pull }] } },
  ],
  [
    "Basic with anonymous pulls",
    { auth: { scheme: "basic", users, anonymous: [{ repositories: "*", actions: pull }] } },
  ],
  ["repositories that are made before", { auth: { scheme: "basic", users }, behaviour: "ecr" }],
])("%s", (kind, options) => {
  // Such a registry asks nobody for a login who pulls; a token service is given it, whatever it gives to strangers.
  const open = kind === "Basic with anonymous pulls";
  it.each<[string, Partial<ExistingRegistryArgs>, string[]]>([
    ["good logins", { credentials: ci, pullCredentials: pods }, []],
    ["one login for both", { credentials: ci }, []],
    [
      "a wrong push password",
      { credentials: { ...ci, password: "wrong" }, pullCredentials: pods },
      ["PUSH_TRIAL_FAILED"],
    ],
    [
      "a push login that may only read",
      { credentials: { username: "readonly", password: "right" } },
      ["PUSH_TRIAL_FAILED"],
    ],
    ["no push login", { pullCredentials: pods }, ["PUSH_TRIAL_FAILED"]],
    [
      "a wrong pull password",
      { credentials: ci, pullCredentials: { ...pods, password: "wrong" } },
      open ? [] : ["PULL_REFUSED"],
    ],
    [
      "two wrong passwords",
      { credentials: { ...ci, password: "wrong" }, pullCredentials: { ...pods, password: "wrong" } },
      open ? ["PUSH_TRIAL_FAILED"] : ["PUSH_TRIAL_FAILED", "PULL_REFUSED"],
    ],
  ])("%s", async (_, args, expected) => {
    const mirror = kept(await startRegistry(options));
    const trials = await trialAt(mirror.host, args);
    expect(codes(trials)).toEqual(expected);
    expect(trials.untried).toEqual([]);
    for (const { message } of trials.problems) {
      expect(message).toContain(mirror.host);
      expect(message).not.toMatch(/wrong|right"/);
    }
    nothingLeft(mirror);
  });
});

it("names the repositories that a login may not push to, once, and not those that it may", async () => {
  const mirror = kept(await startRegistry({ auth: { scheme: "basic", users } }));
  const { problems } = await trialAt(mirror.host, { credentials: { username: "team", password: "right" } });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toMatch(
    /to team\/proxy as user "team".*login that may only read, set checkLogins: false$/,
  );
  const all = await trialAt(
    mirror.host,
    { credentials: { username: "readonly", password: "right" } },
    { images: Array.from({ length: 20 }, (_, i) => `${mirror.host}/app${String(i).padStart(2, "0")}/x:1`) },
  );
  expect(all.problems).toHaveLength(1);
  expect(all.problems[0]?.message).toMatch(/to app00\/x, app01\/x, app02\/x and 17 more/);
});

it("says which images are there, and asks nobody whether those may be pushed", async () => {
  const mirror = kept(await startRegistry({ auth: { scheme: "bearer", users } }));
  const image = makeImage({});
  for (const name of NAMES) await pushImage(mirror, name, image);
  const trials = await trialAt(mirror.host, { credentials: { username: "readonly", password: "right" } });
  expect(Object.fromEntries(trials.present)).toEqual(
    Object.fromEntries(NAMES.map((name) => [`${mirror.host}/${name}`, image.digest])),
  );
  expect(trials.problems).toEqual([]);
});

it("refuses a pull login that does not see what is there", async () => {
  const mirror = kept(await startRegistry({ auth: { scheme: "bearer", users } }));
  for (const name of NAMES) await pushImage(mirror, name, makeImage({}));
  const trials = await trialAt(mirror.host, {
    credentials: ci,
    pullCredentials: { username: "blind", password: "pods" },
  });
  expect(codes(trials)).toEqual(["PULL_REFUSED"]);
});

it.each<[string, LoginTrialArgs["pullSecret"]]>([
  ["disabled", { disabled: true }],
  ["made elsewhere", { create: false }],
  ["not checked", { check: false }],
])("tries no pull login that the update does not try: %s", async (_, pullSecret) => {
  const mirror = kept(await startRegistry({ auth: { scheme: "basic", users } }));
  const pullCredentials = { ...pods, password: "wrong" };
  expect(codes(await trialAt(mirror.host, { credentials: ci, pullCredentials }, { pullSecret }))).toEqual([]);
});

describe("registries that say 401 or 403 of what is not there", () => {
  it.each<[string, number, boolean, string[]]>([
    ["401 to a good login", 401, true, []],
    ["403 to a good login", 403, true, []],
    ["401 to a login that may not push", 401, false, ["PUSH_TRIAL_FAILED"]],
    ["403 to a login that may not push", 403, false, ["PUSH_TRIAL_FAILED"]],
  ])("%s", async (_, status, mayPush, expected) => {
    const mirror = kept(await new ScriptedRegistry().listen());
    mirror.says((request, response, url) => {
      const good = request.headers.authorization === `Basic ${Buffer.from("ci:right").toString("base64")}`;
      const challenge = { "www-authenticate": 'Basic realm="r"' };
      if (!good) response.writeHead(401, challenge).end();
      else if (url.pathname === "/v2/") response.writeHead(200).end();
      else if (mayPush && request.method !== "GET" && request.method !== "HEAD") response.writeHead(404).end();
      else response.writeHead(status, status === 401 ? challenge : {}).end();
    });
    const trials = await trialAt(mirror.host, { credentials: ci });
    expect(codes(trials)).toEqual(expected);
    for (const { message } of trials.problems) expect(message).not.toContain("refused the login");
  });
});

describe("Quay, which makes repositories for whoever asks for a token to push", () => {
  async function quayWith(
    role: "creator" | "member",
  ): Promise<{ quay: Quay; credentials: { username: string; password: string } }> {
    const quay = kept(await startQuay());
    const token = quay.issueToken();
    const ask = (method: string, path: string, body?: object): Promise<Response> =>
      fetch(`http://${quay.host}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
    await ask("POST", "/organization/", { name: "team", email: "t@example.com" });
    const robot = (await (await ask("PUT", "/organization/team/robots/ci", {})).json()) as {
      name: string;
      token: string;
    };
    await ask("PUT", "/organization/team/team/pushers", { role });
    await ask("PUT", `/organization/team/team/pushers/members/${robot.name}`);
    return { quay, credentials: { username: robot.name, password: robot.token } };
  }

  it.each(["creator", "member"] as const)(
    "makes none with a robot that is %s, and says what it has not tried",
    async (role) => {
      const { quay, credentials } = await quayWith(role);
      const trials = await trialAt(quay.host, { credentials });
      expect(trials.problems).toEqual([]);
      expect(trials.untried.join()).toMatch(/whether the login may make team\/proxy, team\/web|team\/web, team\/proxy/);
      expect(quay.requests.filter(({ path }) => /^\/v2\/auth.*push/.test(decodeURIComponent(path)))).toEqual([]);
    },
  );

  it("refuses a robot's token that is wrong", async () => {
    const { quay, credentials } = await quayWith("creator");
    const trials = await trialAt(quay.host, { credentials: { ...credentials, password: "other" } });
    expect(codes(trials)).toEqual(["PUSH_TRIAL_FAILED"]);
  });
});

describe("mirrors that this machine does not reach", () => {
  const lines: [string, (tls: TestRegistry) => Partial<ExistingRegistryArgs>, RegExp][] = [
    [
      "a certificate of a private CA that nobody knows",
      () => ({ plainHttp: false }),
      /is not trusted.*caCertificate of the registry/,
    ],
    ["http where it wants TLS", () => ({}), /the connection broke/],
  ];
  it.each(lines)("%s", async (_, args, message) => {
    const mirror = kept(await startRegistry({ tls: true, auth: { scheme: "basic", users } }));
    const trials = await trialAt(mirror.host, { credentials: ci, pullCredentials: pods, ...args(mirror) });
    expect([...trials.problems.map((problem) => problem.message), ...trials.untried].join()).toMatch(message);
  });

  it("is good with that authority", async () => {
    const mirror = kept(await startRegistry({ tls: true, auth: { scheme: "basic", users } }));
    const trials = await trialAt(mirror.host, { credentials: ci, plainHttp: false, caCertificate: mirror.ca ?? "" });
    expect(trials.problems).toEqual([]);
  });

  it("names the place that is written to, where that is another", async () => {
    const location = `127.0.0.1:${await freePort()}`;
    const mirror = kept(await startRegistry());
    const trials = await trialAt(mirror.host, { credentials: ci, push: { location, plainHttp: true } });
    expect(trials.problems[0]?.message).toContain(`Registry ${location} for ${mirror.host} could not be reached`);
  });

  it("leaves it to pods that copy", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const trials = await trialAt(host, { credentials: ci }, { copyWith: CopyMethod.Kubernetes });
    expect(trials.problems).toEqual([]);
    expect(trials.untried.join()).toMatch(/the login that pushes to .*could not be reached/);
  });

  it("is one problem for both logins, also without an image to ask for", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const args = { credentials: ci, pullCredentials: pods };
    expect(codes(await trialAt(host, args))).toEqual(["PUSH_TRIAL_FAILED"]);
    expect(codes(await trialAt(host, args, { images: undefined }))).toEqual(["PUSH_TRIAL_FAILED"]);
  });
});

describe("images that others push", () => {
  const reader = { username: "readonly", password: "right" };
  it.each([CopyMethod.Docker, CopyMethod.AcrImport])(
    "ask no right of this login, and charts do: %s",
    async (copyWith) => {
      const mirror = kept(await startRegistry({ auth: { scheme: "basic", users } }));
      const images = await trialAt(mirror.host, { credentials: reader }, { copyWith });
      expect([images.problems, images.untried]).toEqual([[], []]);
      const { problems } = await trialAt(
        mirror.host,
        { credentials: reader },
        { copyWith, charts: [`${mirror.host}/charts/web:1.0.0`] },
      );
      expect(problems.map(({ message }) => message).join()).toMatch(/, to charts\/web as user/);
      nothingLeft(mirror);
    },
  );

  it("need no login of this process where a Docker daemon has one", async () => {
    const mirror = kept(await startRegistry({ auth: { scheme: "basic", users } }));
    const { problems, untried } = await trialAt(mirror.host, {}, { copyWith: CopyMethod.Docker });
    expect(problems).toEqual([]);
    expect(untried.join()).toMatch(/the login that pushes to /);
  });
});

it("tries no login to push with where nothing is pushed", async () => {
  const mirror = kept(await startRegistry({ auth: { scheme: "basic", users } }));
  const args = { credentials: { ...ci, password: "wrong" }, pullCredentials: pods };
  expect(codes(await trialAt(mirror.host, args, { images: [] }))).toEqual([]);
  expect(codes(await trialAt(mirror.host, args, { images: undefined }))).toEqual(["PUSH_TRIAL_FAILED"]);
  const wrong = { ...args, pullCredentials: { ...pods, password: "wrong" } };
  expect(codes(await trialAt(mirror.host, wrong, { images: [] }))).toEqual(["PULL_REFUSED"]);
  expect(codes(await trialAt(mirror.host, { credentials: args.credentials }, { images: [] }))).toEqual([
    "PULL_REFUSED",
  ]);
});

describe("what is not known in a preview is named", () => {
  const unknown = pulumi.output(Promise.resolve(pulumi.unknown)) as unknown as pulumi.Output<string>;

  it("a password", async () => {
    const mirror = kept(await startRegistry({ auth: { scheme: "basic", users } }));
    const later = { username: "ci", password: unknown };
    const { problems, untried } = await trialAt(mirror.host, { credentials: later, pullCredentials: later });
    expect(problems).toEqual([]);
    expect(untried).toEqual([
      `the login that pushes to ${mirror.host}, which is not known yet`,
      `the login that pods pull with from ${mirror.host}, which is not known yet`,
    ]);
    expect(mirror.requests.all).toEqual([]);
  });

  it("a registry that the program is about to make", async () => {
    class Machine extends pulumi.CustomResource {
      constructor(name: string, opts?: pulumi.CustomResourceOptions) {
        super("test:index:Machine", name, {}, opts);
      }
    }
    class Around extends pulumi.ComponentResource {
      constructor() {
        super("test:index:Around", `around${count}`);
        new Machine(`inner${count}`, { parent: this });
      }
    }
    /** As `helm.v4.Chart` and `eks.Cluster`: a plugin makes its children. */
    class Remote extends pulumi.ComponentResource {
      constructor(name: string) {
        super("test:index:Remote", name, {}, undefined, true);
      }
    }
    const several = Promise.resolve([new Machine("one"), new Machine("two")]) as never;
    const later = unknown as never;
    for (const made of [new Machine("outer"), new Around(), several, new Remote("remote"), later, [later]]) {
      const trials = await trialAt(`127.0.0.1:${await freePort()}`, { credentials: ci }, {}, { dependsOn: made });
      expect(trials.problems).toEqual([]);
      expect(trials.untried.join()).toMatch(/the logins of 127\.0\.0\.1:\d+, which is still to be made/);
    }
  });
});
