const apiNames = [
  "conf",
  "dns",
  "fromInterface",
  "job",
  "link",
  "network",
  "project",
  "ready",
  "required",
  "router",
  "service",
  "variable",
  "volume",
];

/** The import of what a generated `reyns.ts` calls. */
export function formatImport(body: string): string {
  const used = apiNames.filter((name) =>
    new RegExp(String.raw`\b${name}(?:\(|\.\w+\()`).test(body),
  );
  return `import { ${used.join(", ")} } from "reyns";`;
}
