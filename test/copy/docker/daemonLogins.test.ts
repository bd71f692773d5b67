import { daemonLogins, DockerLoginImpossibleError, type DaemonLogin } from "../../../src/copy/docker/daemonLogins";
import type { AccessInput } from "../../../src/copy/imageCopyInputs";
import type { Credentials } from "../../../src/oci/auth/credentials";

const HOSTS = { pulledFrom: ["quay.io", "docker.io"], pushedTo: ["r.io:5000"] };
const logins = (access: AccessInput[], machine: Record<string, Credentials> = {}, hosts = HOSTS) =>
  daemonLogins(access, hosts, {
    registriesFor: () => {
      throw new Error("asked");
    },
    keychain: { credentialsFor: (host) => Promise.resolve(machine[host]) },
  });
const basic = { kind: "basic", username: "u", password: "of this machine" } as const;

test.each<[string, AccessInput[], Record<string, Credentials>, DaemonLogin[]]>([
  ["nothing is known", [], {}, [{ address: "https://r.io:5000", authDisabled: true }]],
  [
    "the program gives them",
    [
      { host: "r.io:5000", username: "ci", password: "one", plainHttp: true },
      { host: "quay.io", username: "reader", password: "two" },
      { host: "elsewhere.test", username: "never", password: "sent" },
    ],
    { "r.io:5000": basic },
    [
      { address: "https://quay.io", username: "reader", password: "two" },
      { address: "http://r.io:5000", username: "ci", password: "one" },
    ],
  ],
  [
    "this machine has them",
    [],
    { "r.io:5000": basic, "docker.io": basic },
    [{ address: "https://docker.io" }, { address: "https://r.io:5000" }],
  ],
  [
    "a host is served elsewhere",
    [{ host: "docker.io", location: "nexus.test/hub", username: "ci", password: "one" }],
    { "r.io:5000": basic },
    [{ address: "https://nexus.test", username: "ci", password: "one" }, { address: "https://r.io:5000" }],
  ],
  [
    "two are given for one host",
    [
      { host: "quay.io", username: "registry", password: "one" },
      { host: "quay.io", username: "release", password: "two" },
    ],
    { "r.io:5000": basic },
    [{ address: "https://quay.io", username: "release", password: "two" }, { address: "https://r.io:5000" }],
  ],
])("the logins where %s", async (_, access, machine, expected) => {
  expect(await logins(access, machine)).toEqual(expected);
});

it("names Docker Hub as the provider asks for what it pushed there", async () => {
  expect(await logins([], {}, { pulledFrom: ["quay.io"], pushedTo: ["docker.io"] })).toEqual([
    { address: "https://registry-1.docker.io", authDisabled: true },
  ]);
});

test.each<[string, AccessInput[], Record<string, Credentials>]>([
  ["the program", [{ host: "quay.io", identityToken: "hunter2!" }], {}],
  ["this machine", [], { "r.io:5000": { kind: "identityToken", token: "hunter2!" } }],
])("an identity token of %s is refused without being shown", async (_, access, machine) => {
  const failed = logins(access, machine);
  await expect(failed).rejects.toThrow(DockerLoginImpossibleError);
  await expect(failed).rejects.not.toThrow(/hunter2/);
});
