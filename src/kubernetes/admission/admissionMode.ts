/** What the API server does with pods whose images are not in the mirror. */
export const AdmissionMode = {
  /** It lets them be, and says so to whoever made them and in its audit log. */
  Warn: "warn",
  /** It refuses them, and workloads whose pods would be refused. */
  Deny: "deny",
  /** It names the mirror's image in place of each one that the mirror has, and warns of the others. */
  Rewrite: "rewrite",
} as const;
export type AdmissionMode = (typeof AdmissionMode)[keyof typeof AdmissionMode];
