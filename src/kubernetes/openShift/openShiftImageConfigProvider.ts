import type * as dynamic from "@pulumi/pulumi/dynamic";
import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "../../resource/unknownInputs";
import type { MirrorAddress } from "../../plan/layout";
import { isSameLogin, loginOf, type ClusterLoginInput } from "../contribution/clusterLoginInput";
import { withoutContributions, type Contribution } from "../contribution/contribution";
import type { AddedEntries } from "../contribution/ledger";
import type { ContributionDependencies } from "../contribution/objectContributionProvider";
import {
  holdsContribution,
  emptyObject,
  objectBusy,
  writeContribution,
  type ObjectClient,
  type ObjectReference,
} from "../contribution/sharedObject";
import type { JsonObject } from "../../json";
import type { NodeConfiguration } from "../nodeConfiguration/nodeConfiguration";
import {
  certificatesName,
  CERTIFICATES_NAMESPACE,
  IMAGE_CONFIG,
  wantedCertificates,
  wantedImageConfig,
} from "../nodeConfiguration/openShiftImageConfig";

/** What the provider of OpenShift's image configuration receives. The names are part of old states: add, never rename. */
export interface OpenShiftImageConfigInputs extends ClusterLoginInput {
  mirror: MirrorAddress;
  plainHttp?: boolean;
  caCertificate?: string;
  contributor: string;
}

/** What it keeps besides. */
interface OpenShiftImageConfigState extends OpenShiftImageConfigInputs {
  /** The ConfigMap that has the certificate; none when there is no certificate. */
  certificates?: string;
  added: { image: AddedEntries; certificates: AddedEntries };
}

const NOTHING = { image: {}, certificates: {} };
/** How often the cluster's ConfigMap may become another one while it is being written. */
const ROUNDS = 5;

/**
 * The life of what a mirror needs of `image.config.openshift.io/cluster` and of the ConfigMap that it names. What that
 * is depends on the object as it is without the mirror: whether registries must be allowed, and which ConfigMap is used.
 */
export function openShiftImageConfigProvider({
  clientFor,
  log,
  clock,
}: ContributionDependencies): dynamic.ResourceProvider {
  const options = { create: true, clock };

  const write = async (
    inputs: OpenShiftImageConfigInputs,
    olds: Pick<OpenShiftImageConfigState, "added" | "certificates">,
  ): Promise<OpenShiftImageConfigState> => {
    const client = await clientFor(loginOf(inputs));
    const { contributor } = inputs;
    let { image, certificates } = olds.added;
    let before = olds.certificates;
    for (let round = 0; round < ROUNDS; round++) {
      const name = wantedNow(inputs, await client.read(IMAGE_CONFIG), image).certificates;
      const left = before !== name ? before : undefined;
      const leftAdded = certificates;
      if (left !== undefined || name === undefined) certificates = {};
      // The ConfigMap is there before anything names it, and the old one goes after nothing does.
      if (name !== undefined) {
        const wanted = wantedCertificates(configurationOf(inputs)) ?? {};
        const contribution: Contribution = { contributor, wanted, added: certificates };
        certificates = (await writeContribution(client, configMap(name), () => contribution, options)).added;
      }
      let named: string | undefined;
      const contributionTo = (live: JsonObject | undefined): Contribution => {
        const now = wantedNow(inputs, live, image);
        named = now.certificates;
        return { contributor, wanted: now.image, added: image };
      };
      image = (await writeContribution(client, IMAGE_CONFIG, contributionTo, options)).added;
      if (left !== undefined) await withdraw(client, configMap(left), contributor, leftAdded);
      before = name;
      if (named === name)
        return { ...inputs, ...(name !== undefined && { certificates: name }), added: { image, certificates } };
    }
    throw objectBusy(IMAGE_CONFIG, ROUNDS);
  };

  const withdraw = async (
    client: ObjectClient,
    reference: ObjectReference,
    contributor: string,
    added: AddedEntries,
  ): Promise<void> => {
    await writeContribution(client, reference, () => ({ contributor, wanted: {}, added }), options);
  };

  /** Whether the cluster has all that the mirror needs. */
  const isInPlace = async (olds: OpenShiftImageConfigState, news: OpenShiftImageConfigInputs): Promise<boolean> => {
    const client = await clientFor(loginOf(news));
    const { contributor, added } = olds;
    const live = await client.read(IMAGE_CONFIG);
    const { image, certificates } = wantedNow({ ...news, contributor }, live, added.image);
    if (certificates !== olds.certificates) return false;
    if (!holdsContribution(IMAGE_CONFIG, live, { contributor, wanted: image, added: added.image })) return false;
    if (certificates === undefined) return true;
    const reference = configMap(certificates);
    const wanted = wantedCertificates(configurationOf(news)) ?? {};
    const contribution: Contribution = { contributor, wanted, added: added.certificates };
    return holdsContribution(reference, await client.read(reference), contribution);
  };

  return {
    check(olds: Partial<OpenShiftImageConfigInputs>, news: OpenShiftImageConfigInputs) {
      const { contributor = news.contributor } = olds;
      return Promise.resolve({
        inputs: { ...news, contributor: isUnknown(contributor) ? news.contributor : contributor },
      });
    },

    async diff(_id, olds: OpenShiftImageConfigState, news: OpenShiftImageConfigInputs) {
      const settings = ({ mirror, plainHttp, caCertificate }: OpenShiftImageConfigInputs): unknown => [
        mirror.host,
        mirror.path,
        plainHttp ?? false,
        caCertificate,
      ];
      if (!isDeepStrictEqual(settings(olds), settings(news))) return { changes: true };
      if (isUnknown(news.kubeconfig) || isUnknown(news.context)) return { changes: false };
      if (!isSameLogin(olds, news)) return { changes: true };
      try {
        if (await isInPlace(olds, news)) return { changes: false };
        log.warn(`image.config.openshift.io/cluster is not as the mirror ${news.mirror.host} needs it: it will be`);
        return { changes: true };
      } catch (error) {
        log.warn(`Could not look at image.config.openshift.io/cluster: ${(error as Error).message}`);
        return { changes: false };
      }
    },

    async create(inputs: OpenShiftImageConfigInputs) {
      return { id: inputs.mirror.host, outs: await write(inputs, { added: NOTHING }) };
    },

    async update(_id, olds: OpenShiftImageConfigState, news: OpenShiftImageConfigInputs) {
      return { outs: await write({ ...news, contributor: olds.contributor }, olds) };
    },

    async delete(_id, props: OpenShiftImageConfigState) {
      const client = await clientFor(loginOf(props));
      const { contributor, added, certificates } = props;
      await withdraw(client, IMAGE_CONFIG, contributor, added.image);
      if (certificates !== undefined) await withdraw(client, configMap(certificates), contributor, added.certificates);
    },
  };
}

const configMap = (name: string): ObjectReference => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: CERTIFICATES_NAMESPACE,
  name,
});

/**
 * Decided without what mirrors have in the object, for that must not be a reason to want it no more: it goes when the
 * last one goes that wants it.
 */
function wantedNow(
  inputs: OpenShiftImageConfigInputs,
  live: JsonObject | undefined,
  added: AddedEntries,
): { image: JsonObject; certificates: string | undefined } {
  const { contributor } = inputs;
  const others = withoutContributions(live, emptyObject(IMAGE_CONFIG), { contributor, added });
  const configuration = configurationOf(inputs);
  return {
    image: wantedImageConfig(configuration, others) ?? {},
    certificates: wantedCertificates(configuration) && certificatesName(others),
  };
}

function configurationOf({ mirror, plainHttp, caCertificate }: OpenShiftImageConfigInputs): NodeConfiguration {
  return {
    mirror,
    layout: {},
    upstreams: [],
    ...(plainHttp !== undefined && { plainHttp }),
    ...(caCertificate !== undefined && { caCertificate }),
  };
}
