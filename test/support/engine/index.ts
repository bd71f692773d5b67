export type { Diagnostic, Operation, ResourceStep } from "./engineEvents";
export {
  createProject,
  type Deployment,
  type PreviewOptions,
  type Project,
  type ProjectOptions,
  type ProviderDouble,
  type RunOptions,
} from "./project";
export { expectUnchanged, RunResult, UnexpectedResult } from "./runResult";
