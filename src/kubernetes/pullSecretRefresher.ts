import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MirrorError } from "../error";
import { dockerAuths } from "../cluster/dockerConfigSecret";
import type { PullCredentials } from "./pullSecret";
import { PULL_TOKEN_SCRIPT } from "./pullTokenScript";
import { pullSecretRefresherFields } from "./argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import { ownComponent } from "../resource/ownTypes";
import type { PullSecretRefreshOptions } from "./pullSecretRefreshOptions";

export type { AwsAccessKey, PullSecretRefreshOptions } from "./pullSecretRefreshOptions";

/** The image that renews tokens: it has `aws`, `curl` and a shell. */
export const REFRESHER_IMAGE = "public.ecr.aws/aws-cli/aws-cli:2.32.9";

/** Arguments of {@link PullSecretRefresher}. */
export interface PullSecretRefresherArgs extends Omit<PullSecretRefreshOptions, "enabled" | "image"> {
  /** Name of the Secret, as the {@link PullSecret} has it. */
  secretName: pulumi.Input<string>;
  /** Namespace of the Secret, where the CronJob runs. */
  namespace?: pulumi.Input<string>;
  /** More namespaces with that Secret. */
  namespaces?: string[];
  /** Host of the registry: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`. */
  host: pulumi.Input<string>;
  /** The other logins of the Secret, which every renewal writes too. */
  registries?: pulumi.Input<pulumi.Input<PullCredentials>[]>;
  /** What pods pull to renew. Default: AWS's own command line. */
  image?: pulumi.Input<string>;
}

/** The host is none of ECR's. `code` is `NOT_AN_ECR_HOST`. */
export function notAnEcrHost(host: string): MirrorError {
  return new MirrorError(
    "NOT_AN_ECR_HOST",
    `Renewing the login of ${host}: it is no host of ECR, and of others no way to renew a login is known`,
    "Set pullSecret.refresh.enabled to false and renew the Secret by other means",
  );
}

/** The region that a host of ECR names. @throws {MirrorError} `NOT_AN_ECR_HOST` */
export function ecrRegion(host: string): string {
  const region =
    /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.|on\.aws|sc2s\.|c2s\.|cloud\.adc-e\.)/.exec(host)?.[1];
  if (region === undefined) throw notAnEcrHost(host);
  return region;
}

/**
 * A CronJob that renews ECR's login in a {@link PullSecret} before it ends, and a Job that does so at once, so that an
 * update fails when it cannot work.
 *
 * It has a service account of its own, which may patch that one Secret and nothing else. Where nodes run in AWS, their
 * own identity is the better way: it needs no secret at all.
 *
 * @example
 * ```ts
 * new PullSecretRefresher("pull", { secretName: "shop-pull", namespace: "shop", host: registry.host, roleArn: role.arn });
 * ```
 */
export class PullSecretRefresher extends pulumi.ComponentResource {
  /** The CronJob. */
  readonly cronJob: kubernetes.batch.v1.CronJob;

  constructor(name: string, args: PullSecretRefresherArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "PullSecretRefresher", name }, args, pullSecretRefresherFields);
    const own = ownComponent("PullSecretRefresher", opts);
    super(own.type, name, {}, own.opts);
    const { namespaces = [], roleArn } = args;
    const accountName = pulumi.interpolate`${args.secretName}-refresher`;
    const metadata = { name: accountName, namespace: args.namespace };
    const child = { parent: this };
    const account = new kubernetes.core.v1.ServiceAccount(
      name,
      {
        metadata: {
          ...metadata,
          ...(roleArn !== undefined && { annotations: { "eks.amazonaws.com/role-arn": roleArn } }),
        },
        automountServiceAccountToken: false,
      },
      child,
    );
    const rights = [this.allowPatch(name, args, account, args.namespace)];
    for (const other of namespaces) rights.push(this.allowPatch(`${name}/${other}`, args, account, other));
    // Changes replace it, as every Secret; under another name, so that it is never missing, and the Job runs again.
    const inputs = new kubernetes.core.v1.Secret(
      name,
      {
        metadata: { namespace: args.namespace },
        stringData: this.secretInputs(args),
      },
      child,
    );
    const template = this.podTemplate(args, account, inputs);
    const jobSpec = { backoffLimit: 4, activeDeadlineSeconds: 600, template };
    const job = new kubernetes.batch.v1.Job(
      name,
      { metadata, spec: jobSpec },
      { ...child, dependsOn: rights, customTimeouts: { create: "11m", update: "11m" } },
    );
    this.cronJob = new kubernetes.batch.v1.CronJob(
      name,
      {
        metadata,
        spec: {
          schedule: args.schedule ?? "17 */4 * * *",
          concurrencyPolicy: "Replace",
          // A cluster that slept shall renew when it wakes, however late.
          startingDeadlineSeconds: 7200,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 2,
          jobTemplate: { spec: jobSpec },
        },
      },
      { ...child, dependsOn: job },
    );
    this.registerOutputs({});
  }

  /** The right to patch one Secret of one namespace. */
  private allowPatch(
    name: string,
    { secretName }: PullSecretRefresherArgs,
    account: kubernetes.core.v1.ServiceAccount,
    namespace: pulumi.Input<string> | undefined,
  ): pulumi.Resource {
    const metadata = { name: account.metadata.name, namespace };
    const role = new kubernetes.rbac.v1.Role(
      name,
      { metadata, rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: [secretName], verbs: ["patch"] }] },
      { parent: this },
    );
    const { name: accountName, namespace: accountNamespace } = account.metadata;
    return new kubernetes.rbac.v1.RoleBinding(
      name,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: accountName, namespace: accountNamespace }],
      },
      { parent: this },
    );
  }

  /** What the pod must not have in its specification, which more people may read than Secrets. */
  private secretInputs({
    registries = [],
    accessKey,
  }: PullSecretRefresherArgs): pulumi.Input<Record<string, pulumi.Input<string>>> {
    const others = pulumi.output(registries).apply((logins) => {
      const text = JSON.stringify(dockerAuths(logins)).slice(1, -1);
      return text && `,${text}`;
    });
    return {
      OTHER_LOGINS: pulumi.secret(others),
      ...(accessKey && {
        AWS_ACCESS_KEY_ID: accessKey.accessKeyId,
        AWS_SECRET_ACCESS_KEY: pulumi.secret(accessKey.secretAccessKey),
      }),
    };
  }

  private podTemplate(
    args: PullSecretRefresherArgs,
    account: kubernetes.core.v1.ServiceAccount,
    inputs: kubernetes.core.v1.Secret,
  ): kubernetes.types.input.core.v1.PodTemplateSpec {
    const { name, namespace } = account.metadata;
    const env = {
      HOME: "/work",
      ECR_HOST: args.host,
      ECR_REGION: pulumi.output(args.host).apply(ecrRegion),
      SECRET: args.secretName,
      NAMESPACES: namespace.apply((own) => [own, ...(args.namespaces ?? [])].join(" ")),
    };
    return {
      spec: {
        restartPolicy: "Never",
        serviceAccountName: name,
        automountServiceAccountToken: true,
        imagePullSecrets: [{ name: args.secretName }],
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "refresh",
            image: args.image ?? REFRESHER_IMAGE,
            imagePullPolicy: "IfNotPresent",
            command: ["/bin/sh", "-c", PULL_TOKEN_SCRIPT],
            env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
            envFrom: [{ secretRef: { name: inputs.metadata.name } }],
            terminationMessagePolicy: "FallbackToLogsOnError",
            resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            volumeMounts: [{ name: "work", mountPath: "/work" }],
          },
        ],
        volumes: [{ name: "work", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }],
      },
    };
  }
}
