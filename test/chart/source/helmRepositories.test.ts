import { join } from "node:path";
import { cachedIndex, helmHome, namedRepositories } from "../../../src/chart/source/helmRepositories";
import { writeFiles } from "../chartOnDisk";

describe("helmHome", () => {
  it.each<[string, NodeJS.ProcessEnv, NodeJS.Platform, { repositories: string; cache: string }]>([
    [
      "Linux",
      { HOME: "/h" },
      "linux",
      { repositories: "/h/.config/helm/repositories.yaml", cache: "/h/.cache/helm/repository" },
    ],
    [
      "macOS",
      { HOME: "/h" },
      "darwin",
      { repositories: "/h/Library/Preferences/helm/repositories.yaml", cache: "/h/Library/Caches/helm/repository" },
    ],
    [
      "the folders of the desktop",
      { HOME: "/h", XDG_CONFIG_HOME: "/c", XDG_CACHE_HOME: "/k" },
      "linux",
      { repositories: "/c/helm/repositories.yaml", cache: "/k/helm/repository" },
    ],
    [
      "Helm's folders",
      { HOME: "/h", HELM_CONFIG_HOME: "/c", HELM_CACHE_HOME: "/k" },
      "linux",
      { repositories: "/c/repositories.yaml", cache: "/k/repository" },
    ],
    [
      "Helm's files",
      { HELM_REPOSITORY_CONFIG: "/r.yaml", HELM_REPOSITORY_CACHE: "/k" },
      "linux",
      { repositories: "/r.yaml", cache: "/k" },
    ],
  ])("follows %s", (_, environment, platform, expected) => {
    expect(helmHome(environment, platform)).toEqual(expected);
  });

  it.each([
    ["has one all the same", () => "/users/me", "/users/me/.config/helm/repositories.yaml"],
    ["has none", () => { throw new Error("no such user"); }, "/.config/helm/repositories.yaml"], // prettier-ignore
  ])("is never the folder of the process, where the environment tells no home and the user %s", (_, home, expected) => {
    for (const environment of [{}, { HOME: "" }])
      expect(helmHome(environment, "linux", home).repositories).toBe(expected);
  });
});

describe("namedRepositories", () => {
  it("reads what helm repo add wrote", async () => {
    const folder = await writeFiles({
      "repositories.yaml": `apiVersion: ""
repositories:
- {name: acme, url: "https://charts.acme.io", username: me, password: secret, caFile: /ca, certFile: "", keyFile: "", pass_credentials_all: true}
- {name: plain, url: "https://plain.io"}
- {name: nothing}
`,
      "cache/acme-index.yaml": "entries: {}\n",
    });
    const home = { repositories: join(folder, "repositories.yaml"), cache: join(folder, "cache") };
    expect(await namedRepositories(home)).toEqual([
      {
        name: "acme",
        options: {
          url: "https://charts.acme.io",
          username: "me",
          password: "secret",
          caFile: "/ca",
          passCredentials: true,
        },
      },
      { name: "plain", options: { url: "https://plain.io", passCredentials: false } },
    ]);
    expect(await cachedIndex(home, "acme")).toBe("entries: {}\n");
    expect(await cachedIndex(home, "plain")).toBeUndefined();
  });

  it("knows none where Helm was never used", async () => {
    expect(await namedRepositories({ repositories: "/nonexistent/x", cache: "/nonexistent" })).toEqual([]);
  });
});

describe("cachedIndex", () => {
  it("reads no file outside the cache, and tells a file that it may not read from one that is not there", async () => {
    const folder = await writeFiles({
      "cache/x": "",
      "secret-index.yaml": "entries: {}\n",
      "cache/a-index.yaml/b": "",
    });
    const home = { repositories: join(folder, "repositories.yaml"), cache: join(folder, "cache") };
    await expect(cachedIndex(home, "../secret")).rejects.toMatchObject({ code: "UNSAFE_NAME" });
    await expect(cachedIndex(home, "a")).rejects.toMatchObject({ code: "FILE_ACCESS_FAILED" });
    expect(await cachedIndex(home, "other")).toBeUndefined();
  });
});
