import { EventEmitter } from "node:events";
import { ToldErrors } from "../../src/plugin/toldErrors";

it("hands on the rejections that nobody has been told of, and no others", async () => {
  const events = new EventEmitter();
  const heard: unknown[] = [];
  events.on("unhandledRejection", (reason) => heard.push(reason));
  const told = new ToldErrors();
  told.listen(events as unknown as NodeJS.Process);
  const [known, late, unknown] = [new Error("known"), new Error("late"), new Error("unknown")];
  told.add(known);
  for (const error of [known, late, unknown, "no error"]) events.emit("unhandledRejection", error, Promise.resolve());
  // The call may answer in the same turn.
  told.add(late);
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([unknown, "no error"]);
});
