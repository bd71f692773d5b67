import * as fc from "fast-check";
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

it("a file that begins with a byte order mark is read", async () => {
  const text = JSON.stringify({ auths: { "r.io": { auth: encode("u:p") } } });
  const { chain } = keychain({ [DOCKER]: `\ufeff${text}` });
  expect(await chain.credentialsFor("r.io")).toEqual(basic("u", "p"));
});

describe("files", () => {
  it.each([
    [{ HOME: "/h" }, ["/h/.docker/config.json", "/h/.config/containers/auth.json"]],
    [{ HOME: "/h", DOCKER_CONFIG: "/d" }, ["/d/config.json", "/h/.config/containers/auth.json"]],
    [
      { HOME: "/h", REGISTRY_AUTH_FILE: "/auth.json", XDG_RUNTIME_DIR: "/run/1", XDG_CONFIG_HOME: "/c" },
      ["/auth.json", "/h/.docker/config.json", "/run/1/containers/auth.json", "/c/containers/auth.json"],
    ],
    [{}, []],
    [
      { USERPROFILE: "C:\\Users\\me" },
      ["C:\\Users\\me/.docker/config.json", "C:\\Users\\me/.config/containers/auth.json"],
    ],
  ])("of %j", (environment, files) => expect(configFiles(environment)).toEqual(files));

  it("of podman on Linux are below /run where no XDG_RUNTIME_DIR is, as for root", () => {
    expect(configFiles({ HOME: "/root" }, 0)).toEqual([
      "/root/.docker/config.json",
      "/run/containers/0/auth.json",
      "/root/.config/containers/auth.json",
    ]);
    expect(configFiles({ XDG_RUNTIME_DIR: "/run/user/7" }, 7)).toEqual(["/run/user/7/containers/auth.json"]);
  });

  it("are asked in order until one knows the registry", async () => {
    const { chain } = keychain({
      [DOCKER]: { auths: { "a.io": { auth: encode("u:p") } } },
      "/home/me/.config/containers/auth.json": { auths: { "b.io": { auth: encode("v:q") }, "a.io": { auth: "bm8=" } } },
    });
    expect(await chain.credentialsFor("a.io")).toEqual(basic("u", "p"));
    expect(await chain.credentialsFor("b.io")).toEqual(basic("v", "q"));
    expect(await chain.credentialsFor("c.io")).toBeUndefined();
  });

  it("are read once by all who ask at the same time, and again later, when a login may have been renewed", async () => {
    const read: string[] = [];
    const chain = dockerKeychain({
      environment: { REGISTRY_AUTH_FILE: "/auth.json" },
      readFile: async (path) => {
        read.push(path);
        await new Promise(setImmediate);
        return JSON.stringify({ auths: { "a.io": { auth: encode(`u:p${read.length}`) } } });
      },
      askHelper: () => Promise.resolve(undefined),
    });
    const answers = await Promise.all(["a", "b", "c"].map((repository) => chain.credentialsFor("a.io", repository)));
    expect(answers).toEqual([1, 2, 3].map(() => basic("u", "p1")));
    expect(await chain.credentialsFor("a.io", "a")).toEqual(basic("u", "p2"));
    expect(read).toEqual(["/auth.json", "/auth.json"]);
  });

  it("come after the variable that holds a login itself", async () => {
    const files = { [DOCKER]: { auths: { "a.io": { auth: encode("f:p") }, "b.io": { auth: encode("f:p") } } } };
    const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { "a.io": { auth: encode("e:q") } } });
    const { chain } = keychain(files, {}, { HOME: "/home/me", DOCKER_AUTH_CONFIG });
    expect(await chain.credentialsFor("a.io")).toEqual(basic("e", "q"));
    expect(await chain.credentialsFor("b.io")).toEqual(basic("f", "p"));
    const broken = keychain(files, {}, { HOME: "/home/me", DOCKER_AUTH_CONFIG: '{"secret' });
    const error = await failure(broken.chain.credentialsFor("a.io"));
    expect(error).toMatchObject({ code: "CREDENTIALS_UNREADABLE" });
    expect(error.message).toContain("DOCKER_AUTH_CONFIG");
    expect(error.message).not.toContain("secret");
  });

  it.each(["", "\n"])("that are empty (%j) hold no login", async (text) => {
    expect(await keychain({ [DOCKER]: text }).chain.credentialsFor("a.io")).toBeUndefined();
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
    [
      "a registry token in a file of its own line",
      { "a.io": { registrytoken: "t\n" } },
      "a.io",
      { kind: "registryToken", token: "t" },
    ],
    ["a URL with another path as key", { "https://a.io/some/path": { auth: encode("u:p") } }, "a.io", basic("u", "p")],
    [
      "two forms of the same name, of which one is empty",
      { "a.io": {}, "https://a.io/v1/": { auth: encode("u:p") }, "http://a.io": {} },
      "a.io",
      basic("u", "p"),
    ],
    [
      "the plain name beside a URL",
      { "a.io": { auth: encode("u:p") }, "https://a.io/v1/": { auth: encode("old:p") } },
      "a.io",
      basic("u", "p"),
    ],
    [
      "the tokens that docker login writes beside a login",
      {
        "https://index.docker.io/v1/access-token": { auth: encode("u:access") },
        "https://index.docker.io/v1/": { auth: encode("u:p") },
        "https://index.docker.io/v1/refresh-token": { auth: encode("u:refresh") },
      },
      "docker.io",
      basic("u", "p"),
    ],
    [
      "Docker Hub's old key behind another of its names",
      { "index.docker.io": { auth: encode("i:p") }, "https://index.docker.io/v1/": { auth: encode("u:p") } },
      "docker.io",
      basic("u", "p"),
    ],
    ["a key with a slash at its end", { "a.io/": { auth: encode("u:p") } }, "a.io", basic("u", "p")],
    ["a namespace of another host", { "a.io.evil.net/team": { auth: encode("u:p") } }, "a.io", undefined],
    ["an empty password", { "a.io": { auth: encode("u:") } }, "a.io", basic("u", "")],
    ["neither user nor password", { "a.io": { auth: encode(":") } }, "a.io", undefined],
    ["an empty entry", { "a.io": {} }, "a.io", undefined],
    ["a null entry", { "a.io": null }, "a.io", undefined],
  ])("with %s", async (_, auths, host, expected) => {
    expect(await keychain({ [DOCKER]: { auths } }).chain.credentialsFor(host)).toEqual(expected);
  });

  it.each(["QUAY.IO", "quay.io:443", "https://quay.io:443/v1/"])("of quay.io may stand under %s", async (key) => {
    const { chain } = keychain({ [DOCKER]: { auths: { [key]: { auth: encode("me:pw") } } } });
    expect(await chain.credentialsFor("quay.io")).toEqual(basic("me", "pw"));
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

  it("are found by the name that whoever logged in gave the registry", async () => {
    const config = { credHelpers: { "Quay.io:443": "vault" }, credsStore: "store", auths: { "R.io:443": {} } };
    const { chain, asked } = keychain(
      { [DOCKER]: config },
      { "vault Quay.io:443": { username: "a", secret: "b" }, "store R.io:443": { username: "c", secret: "d" } },
    );
    expect(await chain.credentialsFor("quay.io")).toEqual(basic("a", "b"));
    expect(await chain.credentialsFor("r.io")).toEqual(basic("c", "d"));
    expect(asked).toEqual(["vault Quay.io:443", "store r.io", "store R.io:443"]);
  });

  it("are asked once where many want the same answer at the same time, and again later", async () => {
    const { chain, asked } = keychain({ [DOCKER]: { credsStore: "s" } }, { "s a.io": helped });
    const answers = await Promise.all([1, 2, 3].map((i) => chain.credentialsFor("a.io", `team/app${i}`)));
    expect(answers).toEqual([1, 2, 3].map(() => basic("u", "s")));
    expect(asked).toEqual(["s a.io"]);
    await chain.credentialsFor("a.io");
    expect(asked).toEqual(["s a.io", "s a.io"]);
  });
});

describe("for every configuration", () => {
  const host = fc.constantFrom("a.io", "a.io:5000", "b.a.io", "docker.io");
  const word = fc.stringMatching(/^[a-z0-9]{1,4}$/);
  const path = fc.array(fc.constantFrom("team", "app", "x"), { maxLength: 3 });

  it("the login comes from an entry of the host itself, the longest namespace that fits", async () => {
    const entries = fc.array(fc.tuple(host, path, word), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(entries, host, path, async (entries, asked, repository) => {
        const keys = new Map(entries.map(([host, path, user]) => [[host, ...path].join("/"), user]));
        const auths = Object.fromEntries([...keys].map(([key, user]) => [key, { auth: encode(`${user}:p`) }]));
        const fitting = [...keys].filter(([key]) => `${[asked, ...repository].join("/")}/`.startsWith(`${key}/`));
        const [longest] = fitting.sort(([a], [b]) => b.length - a.length);
        const found = await keychain({ [DOCKER]: { auths } }).chain.credentialsFor(
          asked,
          repository.join("/") || undefined,
        );
        expect(found).toEqual(longest && basic(longest[1], "p"));
      }),
    );
  });

  it("user and password are read back, whatever they hold", async () => {
    const user = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((text) => !/[:\0]/.test(text) && text !== "<token>");
    const password = fc.string({ unit: "grapheme" }).filter((text) => !text.endsWith("\0"));
    await fc.assert(
      fc.asyncProperty(user, password, async (user, password) => {
        const auths = { "a.io": { auth: encode(`${user}:${password}`) } };
        const { chain } = keychain({ [DOCKER]: { auths } });
        expect(await chain.credentialsFor("a.io")).toEqual(basic(user, password));
      }),
    );
  });

  it("what is found is a login or an error of its own kind, however odd the JSON", async () => {
    const odd = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom("a.io", "https://a.io"), fc.jsonValue()));
    const entry = fc.record({ auth: odd, username: odd, identitytoken: odd, registrytoken: odd }, { requiredKeys: [] });
    const auths = fc.oneof(odd, fc.dictionary(fc.constantFrom("a.io", "https://a.io/v1/"), entry));
    const config = fc.record({ auths, credHelpers: odd, credsStore: odd }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), config), async (config) => {
        const files = { [DOCKER]: JSON.stringify(config) };
        const outcome = await keychain(files)
          .chain.credentialsFor("a.io")
          .catch((error: unknown) => error);
        expect([undefined, "CREDENTIALS_UNREADABLE"]).toContain((outcome as { code?: string } | undefined)?.code);
      }),
    );
  });
});

describe("Docker Hub by any of its names", () => {
  const names = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
  const forms = names.flatMap((name) => [
    name,
    `${name}/`,
    `${name}/v1/`,
    `https://${name}`,
    `https://${name}/v1/`,
    `https://${name}/v2/`,
    `http://${name}/v1`,
  ]);

  it.each(forms)("in auths: %s", async (key) => {
    const { chain } = keychain({ [DOCKER]: { auths: { [key]: { auth: encode("u:p") } } } });
    expect(await chain.credentialsFor("docker.io", "library/nginx")).toEqual(basic("u", "p"));
    expect(await chain.credentialsFor("quay.io", "a")).toBeUndefined();
  });

  it.each(names)("with a namespace, as podman writes it: %s", async (name) => {
    const auths = { [`${name}/team`]: { auth: encode("team:p") }, [name]: { auth: encode("all:p") } };
    const { chain } = keychain({ [DOCKER]: { auths } });
    expect(await chain.credentialsFor("docker.io", "team/app")).toEqual(basic("team", "p"));
    expect(await chain.credentialsFor("docker.io", "teammate/app")).toEqual(basic("all", "p"));
    const alone = keychain({ [DOCKER]: { auths: { [`${name}/team`]: { auth: encode("team:p") } } } }).chain;
    expect(await alone.credentialsFor("docker.io", "team/app")).toEqual(basic("team", "p"));
    expect(await alone.credentialsFor("docker.io", "other/app")).toBeUndefined();
  });

  it.each(forms)("in credHelpers: %s", async (key) => {
    const answer = { username: "u", secret: "p" };
    const answers = Object.fromEntries(
      [...names, "https://index.docker.io/v1/"].map((server) => [`h ${server}`, answer]),
    );
    const { chain } = keychain({ [DOCKER]: { credHelpers: { [key]: "h" } } }, answers);
    expect(await chain.credentialsFor("docker.io")).toEqual(basic("u", "p"));
  });

  it("in a store, by the name that the login was made with", async () => {
    const { chain } = keychain(
      { [DOCKER]: { credsStore: "s", auths: { "registry.hub.docker.com": {} } } },
      { "s registry.hub.docker.com": { username: "u", secret: "p" } },
    );
    expect(await chain.credentialsFor("docker.io")).toEqual(basic("u", "p"));
  });
});
