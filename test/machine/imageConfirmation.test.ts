import type { ImageReference } from "../../src/image/reference";
import { confirmationAt } from "../../src/machine/imageConfirmation";
import type { Registries } from "../../src/oci/registries";

type Head = Registries["head"];
const found = { digest: `sha256:${"a".repeat(64)}`, size: 1, mediaType: "m" } as unknown as Awaited<ReturnType<Head>>;

const HEADS: Record<string, Head> = {
  "has it": () => Promise.resolve(found),
  "has it not": () => Promise.resolve(undefined),
  fails: () => Promise.reject(new Error("no route")),
  "never answers": () => new Promise(() => undefined),
};

describe("confirmationAt", () => {
  test.each<[string, boolean]>([
    ["has it", true],
    ["has it not", false],
    ["fails", false],
    ["never answers", false],
  ])("of a registry that %s is %s", async (registry, expected) => {
    const head = HEADS[registry] as Head;
    expect(await confirmationAt({ head }, { patience: 20 })("quay.io/a/b")).toBe(expected);
  });

  test("does not ask a registry whose login is not known yet", async () => {
    const head = jest.fn((_: ImageReference) => Promise.resolve(found));
    const confirm = confirmationAt({ head }, { unknown: new Set(["quay.io"]) });
    expect([await confirm("quay.io/a/b"), await confirm("ghcr.io/a/b")]).toEqual([false, true]);
    expect(head).toHaveBeenCalledTimes(1);
  });
});
