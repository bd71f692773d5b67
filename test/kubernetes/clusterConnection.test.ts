import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../src/cli/options/commandLineWords";
import { invalidKubeconfig, kubeconfigFile } from "../../src/cluster/clusterConnection";
import { isSameLogin } from "../../src/kubernetes/contribution/clusterLoginInput";

const PURPOSE = { doing: "Testing", cluster: "The cluster of the test", kubeconfig: "args.kubeconfig" };
const KUBECONFIG = JSON.stringify({
  "current-context": "one",
  contexts: [{ name: "one", context: { cluster: "c", user: "u" } }],
  clusters: [{ name: "c", cluster: { server: "https://cluster.test", "certificate-authority": "ca.pem" } }],
  users: [{ name: "u", user: { token: "secret-token" } }],
});

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  file = join(folder, "config");
  writeFileSync(file, KUBECONFIG);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a connection in a process of its own says: jest cannot load the client, which is an ES module. */
async function connect(
  logins: readonly object[],
  machine: NodeJS.ProcessEnv = {},
): Promise<{ server?: string; caFile?: string; error?: string }[]> {
  const support = join(__dirname, "../support/typescript.js");
  const script = `
    const { connectCluster } = require(${JSON.stringify(join(__dirname, "../../src/cluster/clusterConnection"))});
    const said = ({ config }) => config.getCurrentCluster();
    const failed = ({ code, message }) => ({ error: code + ": " + message });
    const [logins, purpose] = JSON.parse(process.env.CASES);
    Promise.all(logins.map((login) => connectCluster(login, purpose).then(said, failed)))
      .then((results) => console.log(JSON.stringify(results)));
  `;
  const env = { ...process.env, ...machine, CASES: JSON.stringify([logins, PURPOSE]) };
  const { stdout } = await promisify(execFile)(process.execPath, ["--require", support, "-e", script], { env });
  return JSON.parse(stdout) as { server?: string; caFile?: string; error?: string }[];
}

it("takes a kubeconfig by its text or by its path, and refuses one that it cannot use without showing it", async () => {
  const [ofText, ofFile, ...refused] = await connect([
    { kubeconfig: KUBECONFIG },
    { kubeconfig: file },
    { kubeconfig: "secret-token: [" },
    { kubeconfig: KUBECONFIG, context: "two" },
    { kubeconfig: "clusters: []\n" },
    { kubeconfig: join(folder, "none") },
  ]);
  expect(ofText).toMatchObject({ server: "https://cluster.test" });
  // What a file names is relative to it.
  expect(ofFile).toMatchObject({ server: "https://cluster.test", caFile: join(folder, "ca.pem") });
  expect(refused.map(({ error }) => error)).toEqual(
    [
      "its kubeconfig cannot be read",
      'its kubeconfig has no context "two"',
      "its kubeconfig names no cluster",
      "its kubeconfig is no file that is there",
    ].map(
      (reason) =>
        `INVALID_KUBECONFIG: The cluster of the test cannot be reached: ${reason}. ` +
        "Give the kubeconfig, its text or its path, as args.kubeconfig, or set KUBECONFIG for this machine",
    ),
  );
}, 60_000);

const devices = process.platform === "linux" ? it : it.skip;
devices(
  "gives up a kubeconfig without an end, or a pipe that nobody writes to, whoever names it",
  async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const given = [{ kubeconfig: "/dev/zero" }, { kubeconfig: pipe }, { kubeconfig: folder }];
    const reasons = [
      /its kubeconfig cannot be read \(it is larger than 32\.0 MiB\)/,
      /its kubeconfig cannot be read \(it is a named pipe that nothing has written to in 10 seconds\)/,
      /its kubeconfig cannot be read \(EISDIR: it is a folder, no file/,
    ];
    const byArgument = connect(given);
    const byEnvironment = given.map(async ({ kubeconfig }) => (await connect([{}], { KUBECONFIG: kubeconfig }))[0]);
    const ofHome = join(folder, "home");
    mkdirSync(join(ofHome, ".kube"), { recursive: true });
    symlinkSync("/dev/zero", join(ofHome, ".kube/config"));
    const [byHome] = await connect([{}], { KUBECONFIG: undefined, HOME: ofHome });
    expect(byHome?.error).toMatch(reasons[0] as RegExp);
    for (const results of [await byArgument, await Promise.all(byEnvironment)])
      results.forEach((result, i) => expect(result?.error).toMatch(reasons[i] as RegExp));
  },
  60_000,
);

it("joins the kubeconfigs of the environment as kubectl does: the first current context holds", async () => {
  const other = join(folder, "other");
  writeFileSync(
    other,
    KUBECONFIG.replaceAll('"one"', '"two"')
      .replaceAll('"c"', '"d"')
      .replaceAll('"u"', '"v"')
      .replace("cluster.test", "other.test"),
  );
  const KUBECONFIGS = [file, other].join(delimiter);
  expect(await connect([{}, { context: "two" }], { KUBECONFIG: KUBECONFIGS })).toMatchObject([
    { server: "https://cluster.test", caFile: join(folder, "ca.pem") },
    { server: "https://other.test" },
  ]);
}, 60_000);

it("joins them without those that are not there, and those in which nothing stands", async () => {
  const nothing = join(folder, "nothing");
  writeFileSync(nothing, "# not yet\n---\n");
  const KUBECONFIGS = [join(folder, "none"), nothing, file].join(delimiter);
  expect(await connect([{}], { KUBECONFIG: KUBECONFIGS })).toMatchObject([{ server: "https://cluster.test" }]);
  const [none] = await connect([{}], { KUBECONFIG: join(folder, "none") });
  expect(none?.error).toMatch(/its kubeconfig cannot be read \(ENOENT: there is no such file or folder/);
}, 60_000);

it("says that a machine without a kubeconfig has none", async () => {
  const machine = { KUBECONFIG: undefined, HOME: folder, KUBERNETES_SERVICE_HOST: undefined };
  const results = await connect([{}, { context: "production" }], machine);
  for (const result of results)
    expect(result.error).toMatch(/^INVALID_KUBECONFIG: The cluster of the test .* this machine has no kubeconfig\. /);
}, 60_000);

it("says how a kubeconfig is given in the words of the way it was called", () => {
  const error = invalidKubeconfig(PURPOSE, "it is none");
  expect(error.message).toMatch(
    /\. Give the kubeconfig, its text or its path, as args\.kubeconfig, or set KUBECONFIG /,
  );
  expect(messageOf(error)).toMatch(
    /\. Give the kubeconfig's path as --kubeconfig, or set KUBECONFIG for this machine$/,
  );
});

it("tells a path from a text", () => {
  expect(kubeconfigFile(file)).toBe(file);
  expect(kubeconfigFile(KUBECONFIG)).toBeUndefined();
  expect(kubeconfigFile(join(folder, "none"))).toBeUndefined();
});

it.each([
  ["the same text", { kubeconfig: KUBECONFIG }, { kubeconfig: KUBECONFIG }, true],
  ["another text", { kubeconfig: KUBECONFIG }, { kubeconfig: `${KUBECONFIG}\n` }, false],
  ["a path on another machine", { kubeconfig: "/home/ada/config" }, { kubeconfig: "/home/bob/config" }, true],
  ["a path in place of the machine's own", {}, { kubeconfig: "/home/bob/config" }, true],
  ["another context", { context: "one" }, { context: "two" }, false],
])("compares logins for a state: %s", (_, one, other, same) => expect(isSameLogin(one, other)).toBe(same));
