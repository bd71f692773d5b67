import { digestOf } from "../../src/image/digest";
import { formatReference } from "../../src/image/reference";
import { LoginRefusedError, RegistryUnreachableError } from "../../src/oci/errors/errors";
import type { RelocationPlan } from "../../src/plan/relocationPlan";
import { resolveDigests } from "../../src/plan/resolveDigests";

function plan(...sources: string[]): RelocationPlan {
  return {
    chart: { name: "shop", version: "1.0.0" },
    images: sources.map((source) => ({ source, target: source.replace(/^[^/]*/, "mirror.test"), locations: [] })),
    overrides: [],
    values: {},
    patches: [],
    pods: [],
    findings: [],
    renders: 1,
  };
}

const heads =
  (answers: Record<string, string | Error>) =>
  async (reference: Parameters<typeof formatReference>[0]): Promise<{ digest: `sha256:${string}` } | undefined> => {
    const answer = await Promise.resolve(answers[formatReference(reference)]);
    if (answer instanceof Error) throw answer;
    return answer === undefined ? undefined : { digest: answer as `sha256:${string}` };
  };

describe("resolveDigests", () => {
  it("adds the digest of every image", async () => {
    const resolved = await resolveDigests(plan("quay.io/a/b:1"), heads({ "quay.io/a/b:1": digestOf("b") }));
    expect(resolved.images).toEqual([expect.objectContaining({ source: "quay.io/a/b:1", digest: digestOf("b") })]);
  });

  it("reports everything that is wrong together, a refused login once", async () => {
    const refused = new LoginRefusedError("ghcr.io", "bob");
    const failure = resolveDigests(
      plan("quay.io/a/gone:1", "ghcr.io/a/b:1", "ghcr.io/a/c:1", `quay.io/a/d@${digestOf("d")}`),
      heads({ "ghcr.io/a/b:1": refused, "ghcr.io/a/c:1": refused }),
    );
    const error = (await failure.catch((e: unknown) => e)) as Error;
    expect(error.message).toMatch(/3 problems/);
    expect(error.message).toMatch(/quay\.io\/a\/gone:1.*no tag "1"/);
    expect(error.message).toMatch(/ghcr\.io refused the login of user "bob"/);
    expect(error.message).toContain(`quay.io/a/d@${digestOf("d")}`);
  });

  it("leaves an image alone whose registry cannot be reached", async () => {
    const unreachable = new RegistryUnreachableError("quay.io", "timeout");
    const resolved = await resolveDigests(plan("quay.io/a/b:1"), heads({ "quay.io/a/b:1": unreachable }));
    expect(resolved.images[0]).not.toHaveProperty("digest");
  });
});
