// What a reyns.ts may use without an import, as far as no package says more.
declare var console: Record<
  "debug" | "error" | "info" | "log" | "table" | "warn",
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
    body?: string;
  },
): Promise<{
  readonly ok: boolean;
  readonly status: number;
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
}
interface ImportMeta {
  /** The folder of this file. */
  readonly dirname: string;
  /** The path of this file. */
  readonly filename: string;
}
/** Everything of Node works; with the package @types/node it has its types. */
declare module "node:*";
