/** Everything that can go wrong with a registry, for those who catch it. */
export * from "./connectionErrors";
export * from "./digestAlgorithm";
export * from "./imageErrors";
export * from "./loginErrors";
export * from "./readOnly";
export * from "./registryError";
