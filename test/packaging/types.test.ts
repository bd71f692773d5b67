/** The declarations of the packed package, as strict compilers of users read them. */
import { packPackage, type PackedPackage } from "./consumer";
import { compilers, createTypeConsumer, peers, type Compiler, type TypeConsumer } from "./typeConsumer";

jest.setTimeout(900_000);

let packed: PackedPackage;
let consumer: TypeConsumer;
beforeAll(async () => {
  packed = await packPackage();
  consumer = await createTypeConsumer(packed);
});
afterAll(async () => {
  await consumer.dispose();
  await packed.dispose();
});

it.each(Object.keys(compilers) as Compiler[])("without any optional package: %s", async (compiler) => {
  expect(await consumer.compile("none", compiler)).toBe("");
});

it.each(peers)("with %s installed: Pulumi's template", async (peer) => {
  await consumer.install(peer);
  expect(await consumer.compile(peer, "Pulumi's template")).toBe("");
});
