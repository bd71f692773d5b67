import { checkAnnotations } from "../../../src/kubernetes/contribution/annotationLimit";

const annotated = (bytes: number): { metadata: { annotations: Record<string, string> } } => ({
  metadata: { annotations: { a: "", "b/ü": "x".repeat(bytes - 5) } },
});

it("takes what Kubernetes does, keys and values in bytes, and refuses one more", () => {
  expect(() => checkAnnotations("Namespace a", { metadata: {} })).not.toThrow();
  expect(() => checkAnnotations("Namespace a", annotated(262_144))).not.toThrow();
  expect(() => checkAnnotations("Namespace a", annotated(262_145))).toThrow(
    /^Contributing to Namespace a failed: its annotations would be 262145 bytes, of which Kubernetes takes 262144/,
  );
});
