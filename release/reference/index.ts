/** `npm run docs:reference`: the pages of docs/reference, from what the code says. A test compares them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cliReference } from "./cliReference";
import { componentsReference } from "./componentsReference";
import { errorsReference } from "./errorsReference";
import { messagesOf } from "./messages";

const checkout = resolve(__dirname, "../..");

/** The pages by their names in docs/reference, each made when it is asked for. */
export const REFERENCE: Readonly<Record<string, () => string>> = {
  "cli.md": cliReference,
  "components.md": componentsReference,
  "errors.md": () =>
    errorsReference(readFileSync(join(checkout, "docs/troubleshooting.md"), "utf8"), messagesOf(join(checkout, "src"))),
};

function write(): void {
  for (const [name, page] of Object.entries(REFERENCE)) writeFileSync(join(checkout, "docs/reference", name), page());
}

if (require.main === module) write();
