import { checkCopyChoice, type CopyChoice } from "../../src/copy/copyChoice";
import { CopyMethod } from "../../src/copy/copyMethod";

const possible = [CopyMethod.Process, CopyMethod.Kubernetes, CopyMethod.PullThrough];
const copyJob = { namespace: "mirror" };
const check = (choice: CopyChoice, copied: string[] = ["quay.io/a/b:1"]) =>
  checkCopyChoice("mirror", possible, choice, copied);

test.each<[string, CopyChoice, string[]]>([
  ["this process", { copyWith: CopyMethod.Process }, ["quay.io/a/b:1"]],
  ["Jobs in a named namespace", { copyWith: CopyMethod.Kubernetes, copyJob }, ["quay.io/a/b:1"]],
  ["caches that serve everything", { copyWith: CopyMethod.PullThrough }, []],
])("allows %s", (_, choice, copied) => expect(() => check(choice, copied)).not.toThrow());

test.each<[string, CopyChoice, RegExp]>([
  ["Jobs nowhere", { copyWith: CopyMethod.Kubernetes }, /by kubernetes: no cluster .* Set copyJob/],
  ["Jobs for another way", { copyJob }, /by process: copyJob .* Set copyWith to CopyMethod\.Kubernetes/],
  [
    "one platform of a way that copies all",
    { copyPlatform: "linux/amd64" },
    /by process: copyPlatform .* leave copyPlatform/,
  ],
  [
    "another kind's way",
    { copyWith: CopyMethod.AcrImport },
    /by acr-import: .* one of process, kubernetes, pull-through/,
  ],
  ["caches that do not serve an image", { copyWith: CopyMethod.PullThrough }, /no upstream of quay\.io\/a\/b:1/],
])("refuses %s", (_, choice, message) => expect(() => check(choice)).toThrow(message));
