/** An image that an operator takes where no object names one, which is compiled into it. */
export interface OperatorImage {
  /** Canonical repository. */
  readonly repository: string;
  /**
   * Its tag: that of the operator's own image (`operator`, exact), or one that only the operator knows. Where it is told
   * by the user's objects, their field.
   */
  readonly tag: "operator" | "unknown" | { readonly of: string };
  /** Flags, environment variables or keys of a ConfigMap, of which one names another. */
  readonly settings: readonly string[];
  /** A value of the settings that says no more than the operator does by itself: its chart may write it out. */
  readonly settingsDefault?: string;
}

/** An operator, by its image. */
export interface OperatorDefaults {
  /** The last part of its repository, wherever a copy of it stands. */
  readonly name: string;
  /** Its own repository: only there its tags are known to be those of its images. */
  readonly repository: string;
  readonly images: readonly OperatorImage[];
}

/**
 * Images that are compiled into operators and may be named by a flag, a variable or a key. What a chart sets itself is found as
 * any image is; a new operator gets a line here, with where its defaults are written.
 */
export const OPERATORS: readonly OperatorDefaults[] = [
  // https://github.com/cert-manager/cert-manager/blob/v1.18.2/internal/apis/config/controller/v1alpha1/defaults.go
  {
    name: "cert-manager-controller",
    repository: "quay.io/jetstack/cert-manager-controller",
    images: [
      {
        repository: "quay.io/jetstack/cert-manager-acmesolver",
        tag: "operator",
        settings: ["--acme-http01-solver-image"],
      },
    ],
  },
  // https://github.com/prometheus-operator/prometheus-operator/blob/v0.82.2/Documentation/platform/operator.md
  {
    name: "prometheus-operator",
    repository: "quay.io/prometheus-operator/prometheus-operator",
    images: [
      {
        repository: "quay.io/prometheus-operator/prometheus-config-reloader",
        tag: "operator",
        settings: ["--prometheus-config-reloader"],
      },
      {
        repository: "quay.io/prometheus/prometheus",
        tag: "unknown",
        settings: ["--prometheus-default-base-image"],
      },
      {
        repository: "quay.io/prometheus/alertmanager",
        tag: "unknown",
        settings: ["--alertmanager-default-base-image"],
      },
      { repository: "quay.io/thanos/thanos", tag: "unknown", settings: ["--thanos-default-base-image"] },
    ],
  },
  // https://github.com/open-telemetry/opentelemetry-operator/blob/v0.120.0/main.go
  {
    name: "opentelemetry-operator",
    repository: "ghcr.io/open-telemetry/opentelemetry-operator/opentelemetry-operator",
    images: [
      {
        repository: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector",
        tag: "unknown",
        settings: ["--collector-image", "RELATED_IMAGE_COLLECTOR"],
      },
      {
        // Of its own line in versions.txt, and without the v that the operator's tag has.
        repository: "ghcr.io/open-telemetry/opentelemetry-operator/target-allocator",
        tag: "unknown",
        settings: ["--target-allocator-image", "RELATED_IMAGE_TARGET_ALLOCATOR"],
      },
    ],
  },
  // https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/configure-eck
  {
    name: "eck-operator",
    repository: "docker.elastic.co/eck/eck-operator",
    images: ["elasticsearch/elasticsearch", "kibana/kibana"].map((path) => ({
      repository: `docker.elastic.co/${path}`,
      tag: { of: "spec.version" },
      settings: ["container-registry", "--container-registry"],
      settingsDefault: "docker.elastic.co",
    })),
  },
  // https://cloudnative-pg.io/documentation/current/operator_conf/
  {
    name: "cloudnative-pg",
    repository: "ghcr.io/cloudnative-pg/cloudnative-pg",
    images: [{ repository: "ghcr.io/cloudnative-pg/postgresql", tag: "unknown", settings: ["POSTGRES_IMAGE_NAME"] }],
  },
  // https://www.rabbitmq.com/kubernetes/operator/configure-operator-defaults
  {
    name: "cluster-operator",
    repository: "docker.io/rabbitmqoperator/cluster-operator",
    images: [
      { repository: "docker.io/library/rabbitmq", tag: "unknown", settings: ["DEFAULT_RABBITMQ_IMAGE"] },
      {
        repository: "docker.io/rabbitmqoperator/default-user-credential-updater",
        tag: "unknown",
        settings: ["DEFAULT_USER_UPDATER_IMAGE"],
      },
    ],
  },
  // https://github.com/grafana/grafana-operator/blob/v5.18.0/controllers/reconcilers/grafana/deployment_reconciler.go
  {
    name: "grafana-operator",
    repository: "ghcr.io/grafana/grafana-operator",
    images: [{ repository: "docker.io/grafana/grafana", tag: "unknown", settings: ["RELATED_IMAGE_GRAFANA"] }],
  },
  // https://github.com/jaegertracing/jaeger-operator/blob/v1.57.0/pkg/cmd/start/main.go
  {
    name: "jaeger-operator",
    repository: "docker.io/jaegertracing/jaeger-operator",
    images: [
      { repository: "docker.io/jaegertracing/all-in-one", tag: "unknown", settings: ["--jaeger-all-in-one-image"] },
    ],
  },
];
