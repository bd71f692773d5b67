import * as pulumi from "@pulumi/pulumi";
import { componentLog } from "../../src/resource/componentLog";

it.each(["info", "warn"] as const)("%s shows what names hold instead of obeying it", async (severity) => {
  const told = jest.spyOn(pulumi.log, severity).mockResolvedValue(undefined);
  await componentLog[severity]("a\u001b[31m\n::error::no");
  expect(told).toHaveBeenCalledWith("a\\u001b[31m\n\\u003a:error::no");
  told.mockRestore();
});
