import { digestOf } from "../../src/image/digest";
import { formatReference, type ImageReference } from "../../src/image/reference";
import { mirroredBeforeMove } from "../../src/plan/mirroredTags";

const [OLD, NEW] = [digestOf("old"), digestOf("new")];
const source = "quay.io/shop/web:1";
const target = "mirror.test/shop/web:1";
const NAME = "mirror.test/shop/web";

/** A mirror with these digests by reference. */
function mirror(content: Record<string, string | Error>) {
  const asked: string[] = [];
  const head = (reference: ImageReference) => {
    const text = formatReference(reference);
    asked.push(text);
    const found = content[text];
    if (found instanceof Error) return Promise.reject(found);
    return Promise.resolve(found === undefined ? undefined : { digest: found });
  };
  return { head, asked };
}

const web = (change: { target?: string; digest?: string } = { digest: NEW }) => ({
  source,
  target,
  locations: [],
  ...change,
});

describe("mirroredBeforeMove", () => {
  it("finds a tag whose image was mirrored before it moved, also where the digest is pinned beside it", async () => {
    for (const at of [target, `${target}@${NEW}`]) {
      const { head, asked } = mirror({ [target]: OLD });
      expect(await mirroredBeforeMove([web({ target: at, digest: NEW })], head)).toEqual([{ source, digest: OLD }]);
      expect(asked).toEqual([target, `${NAME}@${NEW}`]);
    }
  });

  it.each<[string, Record<string, string | Error>]>([
    ["is the same", { [target]: NEW }],
    ["is not mirrored yet", {}],
    ["was moved in the mirror alone, which still holds the source's image", { [target]: OLD, [`${NAME}@${NEW}`]: NEW }],
    ["cannot be asked", { [target]: new Error("timeout") }],
    ["cannot be asked by digest", { [target]: OLD, [`${NAME}@${NEW}`]: new Error("timeout") }],
  ])("finds none that %s", async (_, content) => {
    expect(await mirroredBeforeMove([web()], mirror(content).head)).toEqual([]);
  });

  it.each([
    ["an image whose digest is not known", {}],
    ["an image that has no tag", { target: `${NAME}@${NEW}`, digest: NEW }],
  ])("asks nothing of %s", async (_, change) => {
    const { head, asked } = mirror({});
    expect(await mirroredBeforeMove([web(change)], head)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
