/** How a kind of registry answers where the specification leaves a choice, or where it departs from it. */
export interface Behaviour {
  /** Refuse a manifest whose blobs, or an index whose children, are not in the repository. Default true. */
  strict: boolean;
  /** Serve the referrers API; without it clients use the fallback tag. Default true. */
  referrers: boolean;
  /** How many referrers one answer lists, before a Link to the next. Default no limit. */
  referrersPage: number;
  /** Answer to a mount of a blob that the other repository has: mounted (201), an upload instead (202), or refused (405). */
  mount: "mounted" | "upload" | "refused";
  /** Mount only blobs of a manifest that is stored in the other repository. Default false. */
  mountNeedsManifest: boolean;
  /** Whether a push makes a missing repository; else every request to it answers NAME_UNKNOWN. Default true. */
  createOnPush: boolean;
  /** Refuse to move a tag, and to put even the same digest on it again (as ECR does). Default false. */
  immutableTags: boolean;
  /** Accept a blob of no bytes. Default true. */
  emptyBlobs: boolean;
  /**
   * PATCH of an upload: `appended` (also without Content-Range), `ordered` (a PATCH after the first must name where it
   * starts, else 416), `overwritten` (each PATCH silently replaces the one before, as GHCR was seen to do), or `refused` (405).
   */
  chunks: "appended" | "ordered" | "overwritten" | "refused";
  /** Every chunk but the last must have this many bytes. Default 0. */
  minimumChunk: number;
  /** A PATCH needs a Content-Length, else 400. Default false. */
  chunkNeedsLength: boolean;
  /** The largest body of a PUT that carries a whole blob, else 413. Default no limit. */
  maximumMonolithic: number;
  /** Accept manifests with a subject; else 405, as ECR was seen to answer. Default true. */
  subjects: boolean;
  /** Take a whole blob in the POST that would start its upload; else it starts one, and drops the body. Default true. */
  singlePost: boolean;
  /** Whether Location names a whole URL or a path. Default `path`. */
  locations: "path" | "url";
  /** Whether each Location of an upload differs from the one before, so that an old one is noticed. Default true. */
  uploadStates: boolean;
  /** Config media types that image manifests may have; undefined takes any. */
  configMediaTypes?: readonly string[];
  /** Whether tags, manifests and blobs can be deleted over HTTP. Default true. */
  deletes: boolean;
  /** Status for credentials that are wrong or have expired; 401 asks for others, 403 is ECR's answer. Default 401. */
  wrongCredentials: 401 | 403;
  /** Token service: Docker's, or ACR's with `/oauth2/exchange`, refresh tokens, and `access_token` as the only answer. */
  tokens: "docker" | "acr";
  /** Whether a pull-through cache fills itself on a request by digest. Default true; ECR may not. */
  fillsByDigest: boolean;
}

const SPECIFICATION: Behaviour = {
  strict: true,
  referrers: true,
  referrersPage: Infinity,
  mount: "mounted",
  mountNeedsManifest: false,
  createOnPush: true,
  immutableTags: false,
  emptyBlobs: true,
  chunks: "appended",
  minimumChunk: 0,
  chunkNeedsLength: false,
  maximumMonolithic: Infinity,
  subjects: true,
  singlePost: true,
  locations: "path",
  uploadStates: true,
  deletes: true,
  wrongCredentials: 401,
  tokens: "docker",
  fillsByDigest: true,
};

/** Registries that are played, as departures from the specification. */
const PRESETS = {
  /** Everything that distribution-spec v1.1 offers. */
  specification: {},
  /** Repositories must exist; BLOB_MOUNTING is off; {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html part sizes}. */
  ecr: {
    mount: "upload",
    mountNeedsManifest: true,
    createOnPush: false,
    immutableTags: true,
    emptyBlobs: false,
    chunks: "ordered",
    minimumChunk: 5 * 1024 * 1024,
    wrongCredentials: 403,
    fillsByDigest: false,
    locations: "url",
    singlePost: false,
  },
  /** {@link https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md} */
  acr: { tokens: "acr", chunkNeedsLength: true, maximumMonolithic: 20 * 1024 * 1024, singlePost: false },
  /**
   * {@link https://cloud.google.com/artifact-registry/docs/docker/pushing-and-pulling chunked uploads are not supported}.
   * The real one takes a single PATCH, which crane counts on; this one refuses all, so that clients prove their other way.
   */
  artifactRegistry: { chunks: "refused", referrers: false, singlePost: false },
  /** {@link https://docs.quay.io/guides/oci-artifacts.html only known artifact types} */
  quay: {
    configMediaTypes: [
      "application/vnd.oci.image.config.v1+json",
      "application/vnd.docker.container.image.v1+json",
      "application/vnd.cncf.helm.config.v1+json",
      "application/vnd.oci.empty.v1+json",
    ],
  },
  /** CNCF Distribution 2.8 and 3: no referrers API, deletes off as in its default configuration. */
  distribution: { referrers: false, deletes: false, locations: "url", singlePost: false },
  /** Harbor refuses an index with missing children. */
  harbor: { strict: true, singlePost: false },
} as const satisfies Record<string, Partial<Behaviour>>;

/** The registries that can be played. */
export type Preset = keyof typeof PRESETS;

/** A preset, or a preset with departures of the caller's own (`specification` unless named). */
export type BehaviourOption = Preset | (Partial<Behaviour> & { preset?: Preset });

/** The behaviour that an option means. */
export function resolveBehaviour(option: BehaviourOption = "specification"): Behaviour {
  if (typeof option === "string") return { ...SPECIFICATION, ...PRESETS[option] };
  const { preset = "specification", ...own } = option;
  return { ...SPECIFICATION, ...PRESETS[preset], ...own };
}
