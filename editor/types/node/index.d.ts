// Written by Reyns: changes are lost. Stands in for the package @types/node where a project does not have it.
declare var console: Record<
  "debug" | "dir" | "error" | "info" | "log" | "table" | "warn",
  (...values: unknown[]) => void
>;
declare var process: {
  readonly env: Record<string, string | undefined>;
  readonly argv: readonly string[];
  readonly platform: string;
  readonly arch: string;
  readonly pid: number;
  cwd(): string;
};
declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function fetch(
  url: string | URL,
  options?: {
    method?: string;
    headers?: Readonly<Record<string, string>>;
    body?: string | URLSearchParams;
    signal?: AbortSignal;
  },
): Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  json(): Promise<unknown>;
}>;
declare class URL {
  constructor(url: string, base?: string | URL);
  readonly href: string;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly searchParams: URLSearchParams;
}
declare class URLSearchParams {
  constructor(query?: string | Readonly<Record<string, string>>);
  get(name: string): string | null;
  set(name: string, value: string): void;
}
interface AbortSignal {
  readonly aborted: boolean;
}
declare var AbortSignal: { timeout(milliseconds: number): AbortSignal };
interface ImportMeta {
  /** The folder of this file. */
  readonly dirname: string;
  /** The path of this file. */
  readonly filename: string;
}
/** All of Node's modules work; with the package @types/node they have their types. */
declare module "node:*";
