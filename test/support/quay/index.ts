export { ALL_SCOPES, startQuay, type Quay, type QuayOptions } from "./startQuay";
