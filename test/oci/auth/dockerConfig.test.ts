import { configFiles, dockerKeychain } from "../../../src/oci/auth/dockerConfig";
import type { Credentials } from "../../../src/oci/auth/credentials";
import { failure } from "../fixture";

const encode = (text: string) => Buffer.from(text).toString("base64");
const basic = (username: string, password: string): Credentials => ({ kind: "basic", username, password });

function keychain(
  files: Record<string, unknown>,
  helpers: Record<string, { username: string; secret: string } | undefined> = {},
  environment: Record<string, string> = { HOME: "/home/me" },
) {
  const asked: string[] = [];
  const chain = dockerKeychain({
    environment,
    readFile: (path) => {
      const content = files[path];
      if (content === undefined || typeof content === "string") return Promise.resolve(content);
      return Promise.resolve(JSON.stringify(content));
    },
    askHelper: (name, server) => {
      asked.push(`${name} ${server}`);
      return Promise.resolve(helpers[`${name} ${server}`]);
    },
  });
  return { chain, asked };
}

const DOCKER = "/home/me/.docker/config.json";

describe("files", () => {
  it.each([
    [{ HOME: "/h" }, ["/h/.docker/config.json", "/h/.config/containers/auth.json"]],
    [{ HOME: "/h", DOCKER_CONFIG: "/d" }, ["/d/config.json", "/h/.config/containers/auth.json"]],
    [
      { HOME: "/h", REGISTRY_AUTH_FILE: "/auth.json", XDG_RUNTIME_DIR: "/run/1", XDG_CONFIG_HOME: "/c" },
      ["/auth.json", "/h/.docker/config.json", "/run/1/containers/auth.json", "/c/containers/auth.json"],
    ],
    [{}, []],
  ])("of %j", (environment, files) => expect(configFiles(environment)).toEqual(files));

  it("are asked in order until one knows the registry", async () => {
    const { chain } = keychain({
      [DOCKER]: { auths: { "a.io": { auth: encode("u:p") } } },
      "/home/me/.config/containers/auth.json": { auths: { "b.io": { auth: encode("v:q") }, "a.io": { auth: "bm8=" } } },
    });
    expect(await chain.credentialsFor("a.io")).toEqual(basic("u", "p"));
    expect(await chain.credentialsFor("b.io")).toEqual(basic("v", "q"));
    expect(await chain.credentialsFor("c.io")).toBeUndefined();
  });

  it.each([["not json"], ["[1]"], ["null"]])("that hold %j are an error without their content", async (text) => {
    const error = await failure(keychain({ [DOCKER]: text }).chain.credentialsFor("a.io"));
    expect(error.code).toBe("CREDENTIALS_UNREADABLE");
    expect(error.message).toContain(DOCKER);
    expect(error.message).not.toContain("not json");
  });
});

describe("entries", () => {
  it.each<[string, object, string, Credentials | undefined]>([
    ["user and password", { "a.io": { auth: encode("u:p:w") } }, "a.io", basic("u", "p:w")],
    ["NUL padding", { "a.io": { auth: encode("u:p\0\0") } }, "a.io", basic("u", "p")],
    ["plain fields", { "a.io": { username: "u", password: "p" } }, "a.io", basic("u", "p")],
    ["a port", { "a.io:5000": { auth: encode("u:p") } }, "a.io:5000", basic("u", "p")],
    ["another port", { "a.io:5000": { auth: encode("u:p") } }, "a.io", undefined],
    ["a URL as key", { "https://a.io/v1/": { auth: encode("u:p") } }, "a.io", basic("u", "p")],
    ["Docker Hub's old key", { "https://index.docker.io/v1/": { auth: encode("u:p") } }, "docker.io", basic("u", "p")],
    ["Docker Hub's short key", { "docker.io": { auth: encode("u:p") } }, "docker.io", basic("u", "p")],
    [
      "an identity token",
      { "a.io": { auth: encode("00000000-0000-0000-0000-000000000000:"), identitytoken: "t" } },
      "a.io",
      { kind: "identityToken", token: "t", username: "00000000-0000-0000-0000-000000000000" },
    ],
    ["a token user", { "a.io": { auth: encode("<token>:t") } }, "a.io", { kind: "identityToken", token: "t" }],
    ["a registry token", { "a.io": { registrytoken: "t" } }, "a.io", { kind: "registryToken", token: "t" }],
    ["an empty entry", { "a.io": {} }, "a.io", undefined],
    ["a null entry", { "a.io": null }, "a.io", undefined],
  ])("with %s", async (_, auths, host, expected) => {
    expect(await keychain({ [DOCKER]: { auths } }).chain.credentialsFor(host)).toEqual(expected);
  });

  it("of namespaces come before those of their host", async () => {
    const auths = {
      "a.io": { auth: encode("host:p") },
      "a.io/team": { auth: encode("team:p") },
      "a.io/team/app": { auth: encode("app:p") },
    };
    const { chain } = keychain({ [DOCKER]: { auths } });
    expect(await chain.credentialsFor("a.io", "team/app")).toEqual(basic("app", "p"));
    expect(await chain.credentialsFor("a.io", "team/other")).toEqual(basic("team", "p"));
    expect(await chain.credentialsFor("a.io", "teams/app")).toEqual(basic("host", "p"));
  });

  it("that are malformed are an error that names the registry, not the text", async () => {
    const auth = encode("no-colon-secret");
    const error = await failure(keychain({ [DOCKER]: { auths: { "a.io": { auth } } } }).chain.credentialsFor("a.io"));
    expect(error.message).toContain("a.io");
    expect(error.message).not.toContain("secret");
    expect(error.message).not.toContain(auth);
  });
});

describe("helpers", () => {
  const helped = { username: "u", secret: "s" };

  it("of a registry come first, then the store, then the file", async () => {
    const config = {
      credHelpers: { "a.io": "one" },
      credsStore: "store",
      auths: { "a.io": { auth: encode("f:p") }, "b.io": {}, "c.io": { auth: encode("f:p") } },
    };
    const { chain, asked } = keychain({ [DOCKER]: config }, { "one a.io": helped, "store b.io": helped });
    expect(await chain.credentialsFor("a.io")).toEqual(basic("u", "s"));
    expect(await chain.credentialsFor("b.io")).toEqual(basic("u", "s"));
    expect(await chain.credentialsFor("c.io")).toEqual(basic("f", "p"));
    expect(asked).toEqual(["one a.io", "store b.io", "store c.io"]);
  });

  it("are asked for Docker Hub by its old name, and their token user means an identity token", async () => {
    const answer = { username: "<token>", secret: "t" };
    const { chain } = keychain({ [DOCKER]: { credsStore: "s" } }, { "s https://index.docker.io/v1/": answer });
    expect(await chain.credentialsFor("docker.io")).toEqual({ kind: "identityToken", token: "t" });
  });
});
