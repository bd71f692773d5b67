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

/** RabbitMQ's images, of which one has moved with the operator. */
const rabbitImages = (place: string): OperatorImage[] => [
  { repository: "docker.io/library/rabbitmq", tag: "unknown", settings: ["DEFAULT_RABBITMQ_IMAGE"] },
  { repository: `${place}/default-user-credential-updater`, tag: "unknown", settings: ["DEFAULT_USER_UPDATER_IMAGE"] },
];

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
  // https://github.com/open-telemetry/opentelemetry-operator/blob/be8944414a/internal/config/config.go, and env.go and cli.go beside it
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
      {
        repository: "ghcr.io/open-telemetry/opentelemetry-operator/operator-opamp-bridge",
        tag: "unknown",
        settings: ["--operator-opamp-bridge-image", "RELATED_IMAGE_OPERATOR_OPAMP_BRIDGE"],
      },
      ...["java", "nodejs", "python", "dotnet", "go", "apache-httpd"].map((language) => ({
        repository: `ghcr.io/open-telemetry/${language === "go" ? "opentelemetry-go-instrumentation" : "opentelemetry-operator"}/autoinstrumentation-${language}`,
        tag: "unknown" as const,
        settings: [
          `--auto-instrumentation-${language}-image`,
          `RELATED_IMAGE_AUTO_INSTRUMENTATION_${language.toUpperCase().replace("-", "_")}`,
        ],
      })),
    ],
  },
  // https://github.com/elastic/cloud-on-k8s/blob/7b93383d8e/pkg/controller/common/container/container.go; settings: cmd/manager/main.go
  {
    name: "eck-operator",
    repository: "docker.elastic.co/eck/eck-operator",
    images: [
      "elasticsearch/elasticsearch",
      "kibana/kibana",
      "logstash/logstash",
      "apm/apm-server",
      "beats/filebeat",
      "beats/metricbeat",
    ].map((path) => ({
      repository: `docker.elastic.co/${path}`,
      tag: { of: "spec.version" },
      settings: ["container-registry", "--container-registry", "CONTAINER_REGISTRY"],
      settingsDefault: "docker.elastic.co",
    })),
  },
  // https://github.com/cloudnative-pg/cloudnative-pg/blob/a95a534dbe/internal/configuration/configuration.go; defaults: pkg/versions/versions.go
  {
    name: "cloudnative-pg",
    repository: "ghcr.io/cloudnative-pg/cloudnative-pg",
    images: [
      { repository: "ghcr.io/cloudnative-pg/postgresql", tag: "unknown", settings: ["POSTGRES_IMAGE_NAME"] },
      { repository: "ghcr.io/cloudnative-pg/pgbouncer", tag: "unknown", settings: ["PGBOUNCER_IMAGE_NAME"] },
    ],
  },
  // https://github.com/rabbitmq/cluster-operator/blob/06cda8e8e1/cmd/main.go
  {
    name: "cluster-operator",
    repository: "ghcr.io/rabbitmq/cluster-operator",
    images: rabbitImages("ghcr.io/rabbitmq"),
  },
  // Releases before it moved: https://www.rabbitmq.com/kubernetes/operator/configure-operator-defaults
  {
    name: "cluster-operator",
    repository: "docker.io/rabbitmqoperator/cluster-operator",
    images: rabbitImages("docker.io/rabbitmqoperator"),
  },
  // https://github.com/minio/operator/blob/0ee2c25467/pkg/apis/minio.min.io/v2/constants.go; sidecar: pkg/resources/statefulsets/minio-sidecar.go
  {
    name: "operator",
    repository: "quay.io/minio/operator",
    images: [
      { repository: "docker.io/minio/minio", tag: "unknown", settings: ["TENANT_MINIO_IMAGE"] },
      { repository: "docker.io/minio/kes", tag: "unknown", settings: ["TENANT_KES_IMAGE"] },
      { repository: "quay.io/minio/operator-sidecar", tag: "unknown", settings: ["OPERATOR_SIDECAR_IMAGE"] },
    ],
  },
  // https://github.com/VictoriaMetrics/operator/blob/d0d258c86b/docs/env.md; how a registry is put before them: internal/controller/operator/factory/build/container.go
  {
    name: "operator",
    repository: "docker.io/victoriametrics/operator",
    images: [
      ["victoria-metrics", "VM_VMSINGLEDEFAULT_IMAGE"],
      ["vmselect", "VM_VMCLUSTERDEFAULT_VMSELECTDEFAULT_IMAGE"],
      ["vmstorage", "VM_VMCLUSTERDEFAULT_VMSTORAGEDEFAULT_IMAGE"],
      ["vminsert", "VM_VMCLUSTERDEFAULT_VMINSERTDEFAULT_IMAGE"],
      ["vmagent", "VM_VMAGENTDEFAULT_IMAGE"],
      ["vmalert", "VM_VMALERTDEFAULT_IMAGE"],
      ["vmauth", "VM_VMAUTHDEFAULT_IMAGE"],
    ].map(([name = "", setting = ""]) => ({
      repository: `docker.io/victoriametrics/${name}`,
      tag: "unknown",
      settings: [setting, "VM_CONTAINERREGISTRY"],
    })),
  },
  // https://github.com/strimzi/strimzi-kafka-operator/blob/8541da1e33/cluster-operator/src/main/java/io/strimzi/operator/cluster/ClusterOperatorConfig.java; defaults: model/KafkaBridgeCluster.java, model/KafkaConnectBuild.java
  {
    name: "operator",
    repository: "quay.io/strimzi/operator",
    images: [
      {
        repository: "quay.io/strimzi/kafka-bridge",
        tag: "unknown",
        settings: ["STRIMZI_DEFAULT_KAFKA_BRIDGE_IMAGE"],
      },
      { repository: "quay.io/strimzi/buildah", tag: "unknown", settings: ["STRIMZI_DEFAULT_BUILDAH_IMAGE"] },
      {
        repository: "gcr.io/kaniko-project/executor",
        tag: "unknown",
        settings: ["STRIMZI_DEFAULT_KANIKO_EXECUTOR_IMAGE"],
      },
    ],
  },
  // https://github.com/argoproj/argo-workflows/blob/f016ad89eb/workflow/controller/config.go
  {
    name: "workflow-controller",
    repository: "quay.io/argoproj/workflow-controller",
    images: [{ repository: "quay.io/argoproj/argoexec", tag: "operator", settings: ["--executor-image"] }],
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
