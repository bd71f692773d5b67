import { withoutStackTraces } from "../../src/resource/withoutStackTraces";

it("makes no stack traces while it registers, and those after it again", () => {
  const { stackTraceLimit } = Error;
  expect(withoutStackTraces(() => new Error("inside").stack)).toBe("Error: inside");
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});

it("lets errors through", () => {
  const { stackTraceLimit } = Error;
  expect(() =>
    withoutStackTraces(() => {
      throw new Error("it cannot be");
    }),
  ).toThrow("it cannot be");
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});
