import { runInThisContext } from "node:vm";

/**
 * Lets what a refused registry would have made fail with it, which Pulumi's language host reports and Jest would die of. Jest
 * gives tests a copy of `process` without its events; some of them come after the last test has ended.
 */
export function letRefusedChildrenFail(): void {
  (runInThisContext("process") as NodeJS.Process).on("unhandledRejection", (error) => {
    if (!/ registry \w+ cannot be /.test((error as Error).message)) throw error;
  });
}
