import { serve } from "../protocol/server";
import { AzureNativeProvider } from "./azureNativeProvider";

serve(new AzureNativeProvider(process.env["AZURE_DOUBLE_ENDPOINT"] ?? ""));
