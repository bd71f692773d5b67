import { serve } from "../protocol/server";
import { KubernetesProvider } from "./kubernetesProvider";

serve(new KubernetesProvider(process.env["KUBERNETES_DOUBLE_HELM"] ?? "helm", process.env["KUBERNETES_DOUBLE_MEMORY"]));
