/** Real registries that are quick to build; `npm run test:registries` has all. */
import { distribution2, distribution3, goContainerregistry, olareg } from "../../registries/realRegistries";
import { copiesTo } from "../../registries/registryConformance";

jest.setTimeout(60_000);

copiesTo([distribution2, distribution3, goContainerregistry, olareg]);
