import { pullCheckProvider, type PullCheckInputs } from "../../src/kubernetes/pullCheckProvider";
import { LoginRefusedError, RegistryUnreachableError } from "../../src/oci/errors/errors";
import type { Digest } from "../../src/image/digest";

const DIGEST: Digest = `sha256:${"a".repeat(64)}`;
const inputs = (password: string, targets = ["r.test/a:1", "r.test/b:1"]): PullCheckInputs => ({
  targets,
  access: { host: "r.test", username: "pods", password },
});

/** A registry that has some repositories and takes one password. */
function setup(repositories = ["a", "b"], unreachable = false) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const provider = pullCheckProvider({
    registriesFor: ([access]) => ({
      head: ({ repository }) => {
        asked.push(repository);
        if (unreachable) return Promise.reject(new RegistryUnreachableError("r.test", "no route"));
        if (access?.password !== "right") return Promise.reject(new LoginRefusedError("r.test", access?.username));
        return Promise.resolve(
          repositories.includes(repository) ? { mediaType: "m", digest: DIGEST, size: 1 } : undefined,
        );
      },
    }),
    log: { info: () => undefined, status: () => undefined, warn: (message) => void warnings.push(message) },
  });
  return { provider, asked, warnings };
}

describe("pullCheckProvider", () => {
  it("looks up every image with the pull login", async () => {
    const { provider, asked } = setup();
    await provider.create(inputs("right"));
    expect(asked).toEqual(["a", "b"]);
  });

  it("fails on a refused login, which it tries once, and names registry and user but no password", async () => {
    const { provider, asked } = setup();
    const failure = provider.create(inputs("wrong"));
    await expect(failure).rejects.toMatchObject({ code: "PULL_REFUSED", registry: "r.test" });
    await expect(failure).rejects.toThrow(/user "pods" that pods will pull with from r\.test/);
    await expect(failure).rejects.not.toThrow(/wrong/);
    expect(asked).toEqual(["a"]);
  });

  it("fails when an image is not there for this login", async () => {
    const { provider } = setup(["a"]);
    await expect(provider.create(inputs("right"))).rejects.toThrow(/for r\.test\/b:1, failed: .*does not exist/);
  });

  it("warns and goes on where this machine cannot reach the registry", async () => {
    const { provider, warnings } = setup([], true);
    await provider.create(inputs("right"));
    expect(warnings).toEqual([expect.stringContaining("was not tried")]);
  });

  it.each([
    ["the same again", inputs("right"), inputs("right"), false],
    ["images in another order", inputs("right"), inputs("right", ["r.test/b:1", "r.test/a:1"]), false],
    ["another image", inputs("right"), inputs("right", ["r.test/c:1"]), true],
    ["another login that works", inputs("old"), inputs("right"), false],
    ["another login that is refused", inputs("right"), inputs("wrong"), true],
    ["the same login, which the registry refuses by now", inputs("wrong"), inputs("wrong"), true],
  ])("diff of %s", async (_, olds, news, changes) => {
    const { provider } = setup();
    expect(await provider.diff?.("r.test", olds, news)).toEqual({ changes });
  });

  it("names what to correct where the registry refuses by now what it took", async () => {
    const { provider, warnings, asked } = setup();
    await provider.diff?.("r.test", inputs("wrong"), inputs("wrong"));
    expect(asked).toEqual(["a"]);
    expect(warnings).toEqual([expect.stringMatching(/user "pods" .*r\.test\/a:1.* refused .*pullCredentials/)]);
  });

  it("says nothing of an unchanged login where this machine cannot reach the registry, or the image is gone", async () => {
    for (const { provider, warnings } of [setup([], true), setup([])]) {
      expect(await provider.diff?.("r.test", inputs("right"), inputs("right"))).toEqual({ changes: false });
      expect(warnings).toEqual([]);
    }
  });
});
