import type { Ulimit } from "./container-spec.ts";

/** How to build a service that has no `services/NAME/Dockerfile`. */
export interface BuildDefinition extends BuilderSettings, BuildSources {
  /** A folder relative to the project's, or the URL of a git repository. */
  readonly context: string;
  /** Path relative to the context; it may lead out of it. */
  readonly dockerfile: string;
  /** The text of a Dockerfile that is not a file; `dockerfile` is its name in the context. */
  readonly dockerfileInline?: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** The stage to build; undefined: the last one. */
  readonly target: string | undefined;
  /** Name -> a folder, `docker-image://NAME` or `service:NAME`. */
  readonly additionalContexts?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly noCache?: boolean | undefined;
  /** Its base images are pulled before each build. */
  readonly pull?: boolean | undefined;
  /** The name that the option `image` beside `build` gives to what is built. */
  readonly image?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** The fields that only BuildKit can serve, as the definition has them. */
export function fieldsOfBuildKit({
  secrets,
  ssh,
  settings = {},
}: BuildSources & { readonly settings?: BuilderSettings | undefined }): string[] {
  return [
    ...(secrets ? ["build.secrets"] : []),
    ...(ssh ? ["build.ssh"] : []),
    ...(settings.inlineCache ? ["build.cacheTo"] : []),
  ];
}

/** A Dockerfile that is not just a file. */
export interface WrittenDockerfile {
  readonly dockerfileText?: string | undefined;
  /** Stages in the text that the file does not have. */
  readonly addedStages?: AddedStages | undefined;
}

/** Stages that stand before the first `FROM` of a Dockerfile, one a line: the additional contexts of its build. */
export interface AddedStages {
  /** How many lines of the Dockerfile come before them. */
  readonly line: number;
  readonly count: number;
  /** Folders that become images, because a stage needs one. */
  readonly folders: readonly { readonly image: string; readonly folder: string }[];
}

/** Where a secret comes from when it is needed: a variable of the caller's environment, or a file. */
export type BuildSecret = { readonly env: string } | { readonly file: string };

/** What comes from the caller's machine while BuildKit builds; never a value. */
export interface BuildSources {
  /** By the ids that `RUN --mount=type=secret` names. */
  readonly secrets?: Readonly<Record<string, BuildSecret>> | undefined;
  /** Id -> a key file or a socket; null: the caller's own agent. */
  readonly ssh?: Readonly<Record<string, string | null>> | undefined;
}

/** What the Engine's builder is asked for besides. */
export interface BuilderSettings {
  readonly network?: string | undefined;
  /** Bytes. */
  readonly shmSize?: number | undefined;
  /** `NAME:ADDRESS` */
  readonly extraHosts?: readonly string[] | undefined;
  readonly ulimits?: readonly Ulimit[] | undefined;
  /** Images whose layers may be used. */
  readonly cacheFrom?: readonly string[] | undefined;
  /** The image says what it was made of, so that another build can use its layers. */
  readonly inlineCache?: boolean | undefined;
  /** `OS/ARCHITECTURE[/VARIANT]` */
  readonly platform?: string | undefined;
}

/** Where a Dockerfile that is no file of the context lies in it; the context has nothing else of that folder. */
export const addedDockerfile = ".reyns/Dockerfile";

/** URLs that every Engine takes for a git repository: `https://HOST/PATH.git#REF:FOLDER`, `git://…`, `git@HOST:PATH`. */
const gitUrl = /^(?:https?:\/\/[^#]+\.git(?:#|$)|git:\/\/|git@)/;

/** True for a context that the Engine fetches with git. */
export function isGitContext(context: string): boolean {
  return gitUrl.test(context);
}

/** The names that an image gets besides `PROJECT/SERVICE`. */
export function tagsOf({ image, tags = [] }: Pick<BuildDefinition, "image" | "tags">): string[] {
  return [...new Set([...(image === undefined ? [] : [image]), ...tags])];
}

/** Whether an image that a build starts from has a name that the result gets: the build is on top of the last one. */
export function isOwnTag(
  build: Pick<BuildDefinition, "image" | "tags"> | undefined,
  base: string,
): boolean {
  return tagsOf(build ?? {}).some((tag) => withoutLatest(tag) === withoutLatest(base));
}

function withoutLatest(name: string): string {
  return name.replace(/:latest$/, "");
}

/** @see https://pkg.go.dev/github.com/distribution/reference */
const namePattern =
  /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:[./]|_{1,2}|-+)[a-z0-9]+)*(?::\w[\w.-]{0,127})?$/;

/** True for a name that an image can be built under. */
export function isImageName(name: string): boolean {
  return namePattern.test(name);
}

/** Those of the settings that are given; undefined if none is. */
export function builderSettingsOf(build: BuilderSettings | undefined): BuilderSettings | undefined {
  const { network, shmSize, extraHosts, ulimits, cacheFrom, inlineCache, platform } = build ?? {};
  const all = { network, shmSize, extraHosts, ulimits, cacheFrom, inlineCache, platform };
  const given = Object.entries(all);
  const settings = given.filter(([, value]) => value !== undefined);
  return settings.length === 0 ? undefined : (Object.fromEntries(settings) as BuilderSettings);
}
