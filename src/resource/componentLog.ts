import * as pulumi from "@pulumi/pulumi";
import { printable } from "../printable";

/**
 * What components tell whoever watches a preview or an update. Names and messages in it come from charts, registries and
 * clusters: terminals and build machines obey none of them.
 */
export const componentLog = {
  info: (message: string, ...about: Tail<typeof pulumi.log.info>): Promise<void> =>
    pulumi.log.info(printable(message), ...about),
  warn: (message: string, ...about: Tail<typeof pulumi.log.warn>): Promise<void> =>
    pulumi.log.warn(printable(message), ...about),
};

type Tail<F extends (...args: never[]) => unknown> = Parameters<F> extends [unknown, ...infer Rest] ? Rest : never;
