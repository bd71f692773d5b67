/** One cell of the packaging matrix, the one whose module resolution is the hardest; `npm run test:packaging` has all. */
import { packPackage, type PackedPackage } from "../../packaging/consumer";
import { createTypeConsumer } from "../../packaging/typeConsumer";
import { walk } from "../../packaging/walk";

jest.setTimeout(900_000);

let packed: PackedPackage;
beforeAll(async () => void (packed = await packPackage()));
afterAll(() => packed.dispose());

it("the packed package works as a dependency's dependency that pnpm has nested", () =>
  walk({ layout: "pnpm transitive", node: 20, program: "ts" }, packed));

it("a strict compiler takes its types where no optional package is installed", async () => {
  const consumer = await createTypeConsumer(packed);
  try {
    expect(await consumer.compile("none", "Pulumi's template")).toBe("");
  } finally {
    await consumer.dispose();
  }
});
