import type * as dynamic from "@pulumi/pulumi/dynamic";
import { HiddenTexts } from "../../src/provider/hiddenTexts";

const told: string[] = [];
const tell = (message: string): void => void told.push(message);
let hidden: HiddenTexts;
beforeEach(() => {
  told.splice(0);
  hidden = new HiddenTexts();
  hidden.learn([
    { host: "r.io", username: "robot-of-payroll", password: "p", hidden: ["username"] },
    { host: "quay.io", username: "shown" },
  ]);
});

const WORDS = 'refused "robot-of-payroll" at r.io, and "shown" at quay.io';
const CLEAN = 'refused "[secret]" at r.io, and "shown" at quay.io';
const fails = (): Promise<never> => Promise.reject(new Error(WORDS));
const refusing: dynamic.ResourceProvider = {
  check: () => Promise.resolve({ failures: [{ property: "source", reason: WORDS }] }),
  diff: fails,
  create: fails,
  update: fails,
  read: fails,
  delete: fails,
};

it.each<keyof dynamic.ResourceProvider>(["diff", "create", "update", "read", "delete"])(
  "an error of %s shows nothing of it",
  async (name) => {
    const call = hidden.provider(refusing)[name] as () => Promise<unknown>;
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: CLEAN });
    expect((error as Error).stack).not.toContain("robot-of-payroll");
  },
);

it("nor do failures of check, whose inputs stay as they are", async () => {
  expect(await hidden.provider(refusing).check?.({}, {})).toEqual({
    failures: [{ property: "source", reason: CLEAN }],
  });
  const inputs = { access: [{ username: "robot-of-payroll" }] };
  const provider = hidden.provider({ ...refusing, check: () => Promise.resolve({ inputs }) });
  expect(await provider.check?.({}, {})).toEqual({ inputs });
});

it("nor does the log", () => {
  const log = hidden.log({ info: tell, warn: tell, status: tell });
  for (const level of ["info", "warn", "status"] as const) log[level](WORDS);
  expect(told).toEqual([CLEAN, CLEAN, CLEAN]);
});

it.each([true, false])("the log says where its messages stand as the one behind it does: %s", (atResource) => {
  expect(hidden.log({ atResource, info: tell, warn: tell, status: tell }).atResource).toBe(atResource);
});

it("what is not there stays away", () => {
  expect(Object.keys(hidden.provider({ create: fails }))).toEqual(["create"]);
});
