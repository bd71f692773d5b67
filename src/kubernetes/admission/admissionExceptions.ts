/** What is left alone although its images are not in the mirror. */
export interface AdmissionExceptions {
  /** Images that may stay where they are: exact references, `*` for any characters. */
  images?: string[];
  /** Namespaces of which no pod is looked at. */
  namespaces?: string[];
}
