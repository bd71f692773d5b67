/** What options are about, in the words of the help. */
export const GROUPS = {
  chart: "Chart:",
  values: "Values:",
  mirror: "Mirror:",
  images: "Images:",
  registries: "Registries and logins:",
  cluster: "Cluster:",
  output: "Output:",
} as const;
