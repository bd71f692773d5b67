import { gitea } from "./gitea";
import { copiesTo } from "./registryConformance";

jest.setTimeout(60_000);

copiesTo([gitea]);
