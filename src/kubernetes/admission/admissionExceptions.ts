/** What is left alone although its images are not in the mirror. */
export interface AdmissionExceptions {
  /** Images that may stay where they are: exact references, `*` for any characters. */
  images?: string[];
  /** Names of namespaces of which no pod is looked at; they are no patterns. */
  namespaces?: string[];
}
