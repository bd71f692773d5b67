/** What a scope may ask for ({@link https://distribution.github.io/distribution/spec/auth/scope/}). */
export type Action = "pull" | "push" | "delete";

/** Rights on repositories. */
export interface Access {
  /** A repository, or a pattern in which `*` stands for anything, slashes included: `team/*`, `*`. */
  repositories: string;
  actions: readonly Action[];
}

/** A login. */
export interface User {
  password: string;
  /** Default: everything. */
  access?: readonly Access[];
}

/** Logins by name; a text is the password of a user who may do everything. */
export type Users = Readonly<Record<string, string | User>>;

/** Rights to do everything. */
export const FULL_ACCESS: readonly Access[] = [{ repositories: "*", actions: ["pull", "push", "delete"] }];

/** Whether rights cover an action on a repository. */
export function allows(access: readonly Access[], repository: string, action: Action): boolean {
  return access.some((a) => a.actions.includes(action) && matchesPattern(a.repositories, repository));
}

function matchesPattern(pattern: string, repository: string): boolean {
  const expression = pattern
    .split("*")
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${expression}$`).test(repository);
}
