/** Clouds as doubles: AWS on a completed moto with ECR's data plane, and the names under which they are known. */
export { ecrHostName, startEcr, type EcrOptions } from "./ecr";
export { AwsError, DEFAULT_SCOPE, startMoto, type AwsScope, type Moto } from "./moto";
export { startNameProxy, type NameProxy } from "./nameProxy";
