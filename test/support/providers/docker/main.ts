import { serve } from "../protocol/server";
import { DockerProvider } from "./dockerProvider";

serve(new DockerProvider(process.env));
