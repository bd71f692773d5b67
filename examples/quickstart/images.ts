import { makeImage, type SyntheticImage } from "../../test/support/images";

/** One image of the chart, with synthetic content that is the same on every machine. */
export interface QuickstartImage {
  /** As a registry holds it: `HOST/REPOSITORY`. */
  host: string;
  repository: string;
  /** Absent for the one that the chart pins by digest. */
  tag?: string;
  image: SyntheticImage;
}

/** The images of the chart in ./chart, two of them for several platforms. */
export function quickstartImages(): QuickstartImage[] {
  const base = { size: 400_000, seed: "base" };
  const image = (seed: string, platforms = ["linux/amd64"]): SyntheticImage =>
    makeImage({ platforms, layers: (platform) => [base, { size: 250_000, seed: `${seed} ${platform}` }] });
  return [
    { host: "quay.io", repository: "shop/frontend", tag: "2.4.1", image: image("frontend") },
    { host: "quay.io", repository: "shop/api", tag: "2.4.1", image: image("api", ["linux/amd64", "linux/arm64"]) },
    {
      host: "docker.io",
      repository: "library/nginx",
      tag: "1.27",
      image: image("nginx", ["linux/amd64", "linux/arm64/v8"]),
    },
    { host: "ghcr.io", repository: "shop/migrations", image: image("migrations") },
    {
      host: "quay.io",
      repository: "prometheus-operator/prometheus-config-reloader",
      tag: "v0.75.2",
      image: image("reloader"),
    },
    { host: "docker.io", repository: "bitnami/redis", tag: "7.2.5", image: image("redis") },
  ];
}
