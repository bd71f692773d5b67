import { serve } from "../protocol/server";
import { AwsProvider } from "./awsProvider";

serve(new AwsProvider(process.env["AWS_DOUBLE_ENDPOINT"] ?? ""));
