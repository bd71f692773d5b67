/**
 * What the serialized providers in states load: `pulumi-chart-mirror/provider`. This path and the names of its exports
 * are frozen, see ownResource.ts.
 */
import { connectEngineLog } from "../resource/engineLog";
import { ownProviders } from "./ownProviders";
import { takingBack } from "./takingBack";

const { of } = ownProviders(connectEngineLog(process.argv[2], (line) => process.stderr.write(`${line}\n`)));

/** The dynamic provider of `ImageCopy`. */
export const provider = takingBack(of.ImageCopy);

/** The dynamic provider of `ImageCopyJob`. Frozen as well. */
export const imageCopyJob = takingBack(of.ImageCopyJob);

/** The dynamic provider of passwords of an Azure Container Registry's tokens. */
export const acrTokenPassword = takingBack(of.AcrTokenPassword);

/** The dynamic providers of Quay's resources. */
export const quayOrganization = takingBack(of.QuayOrganization);
export const quayProxyCache = takingBack(of.QuayProxyCache);
export const quayRobot = takingBack(of.QuayRobot);
export const quayTeam = takingBack(of.QuayTeam);
export const quayDefaultPermission = takingBack(of.QuayDefaultPermission);
export const quayRepository = takingBack(of.QuayRepository);

/** The dynamic provider of `PullCheck`. Frozen as well. */
export const pullCheckProvider = takingBack(of.PullCheck);

/** The dynamic provider of `ChartPush`. Frozen as well. */
export const chartPush = takingBack(of.ChartPush);

/** The dynamic provider of `ObjectContribution`. Frozen as well. */
export const objectContribution = takingBack(of.ObjectContribution);

/** The dynamic provider of what `OpenShiftImageConfiguration` needs of the cluster's one object. Frozen as well. */
export const openShiftImageConfig = takingBack(of.OpenShiftImageConfig);
