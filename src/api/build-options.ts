import type { ServiceHandle } from "./link.ts";

/**
 * How to build an image that is not in `services/NAME`, as `build` in a compose.yaml.
 *
 * @see https://docs.docker.com/reference/compose-file/build/
 */
export interface BuildOptions {
  /**
   * The build context: a folder relative to the project's, or a git repository that the Engine fetches at each build, such
   * as `"https://github.com/example/web.git#v2:docker"` (branch, tag or commit, then a folder in it). Default: `"."`.
   */
  readonly context?: string;
  /** Path relative to the context; it may be outside of it: `"../docker/web.Dockerfile"`. Default: `"Dockerfile"`. */
  readonly dockerfile?: string;
  /**
   * The Dockerfile itself, instead of a file. It is part of the context: `COPY .` copies it as `.reyns/Dockerfile`.
   *
   * @example
   * build: { dockerfileInline: "FROM nginx\nCOPY site /usr/share/nginx/html" }
   */
  readonly dockerfileInline?: string;
  /** Values of the Dockerfile's `ARG` instructions. */
  readonly args?: Readonly<Record<string, string | number | boolean>>;
  /**
   * More files for the Dockerfile, under names that `COPY --from=NAME` and `FROM NAME` use like stages: a folder relative to
   * the project's, an image as `"docker-image://alpine:3"`, or another service as its handle or `"service:NAME"`.
   *
   * @example
   * additionalContexts: { shared: "./shared", assets: service("assets") }
   */
  readonly additionalContexts?: Readonly<Record<string, string | ServiceHandle>>;
  /** The stage of a multi-stage Dockerfile to build. Default: the last one. */
  readonly target?: string;
  /** Labels of the image. Those that begin with `io.reyns.` are reserved. */
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
  /** The network of `RUN` instructions: `"host"` is that of the Engine's machine. Default: `"default"`. */
  readonly network?: "default" | "host" | "none";
  /** True: every build runs all instructions again. Default: false. */
  readonly noCache?: boolean;
  /** True: every build first pulls the images of the `FROM` lines, except those that Reyns builds. Default: false. */
  readonly pull?: boolean;
  /** Size of `/dev/shm` in `RUN` instructions: bytes, or a string such as `"1g"`. The Engine's BuildKit since Docker 23. */
  readonly shmSize?: number | string;
  /** Names and addresses in `/etc/hosts` of `RUN` instructions: `["NAME:ADDRESS"]` or `{ NAME: "ADDRESS" }`. */
  readonly extraHosts?: readonly string[] | Readonly<Record<string, string>>;
  /** Resource limits of `RUN` instructions; a number sets both. The Engine's BuildKit since Docker 23. */
  readonly ulimits?: Readonly<
    Record<string, number | { readonly soft: number; readonly hard: number }>
  >;
  /** Images whose layers may be used instead of building them: names, or `"type=registry,ref=NAME"`. */
  readonly cacheFrom?: readonly string[];
  /**
   * Where to write the cache: `["type=inline"]`, into the image itself, so that `cacheFrom` can name it once it is pushed.
   * Needs BuildKit.
   */
  readonly cacheTo?: readonly "type=inline"[];
  /**
   * Secrets that `RUN --mount=type=secret,id=ID` reads from `/run/secrets/ID`: files, or variables of the caller's
   * environment. They are in no layer, and not in the image's history. Needs BuildKit.
   *
   * @example
   * secrets: { npmrc: { file: "~/.npmrc" }, token: { env: "NPM_TOKEN" } }
   */
  readonly secrets?: Readonly<Record<string, { readonly file: string } | { readonly env: string }>>;
  /**
   * SSH agents for `RUN --mount=type=ssh`: `"default"` is the caller's own, `"ID=PATH"` a key file without a passphrase, or
   * the socket of an agent. Needs BuildKit.
   *
   * @example
   * ssh: ["default", "deploy=./keys/id_ed25519"]
   */
  readonly ssh?: string | readonly string[];
  /** The platform to build for, such as `["linux/arm64"]`: one, because the Engine keeps one for each name. */
  readonly platforms?: readonly [string];
  /** More names of the image, such as `"registry.example/shop/web:1.2"`. Others may use them in `image` and `FROM`. */
  readonly tags?: readonly string[];
}
