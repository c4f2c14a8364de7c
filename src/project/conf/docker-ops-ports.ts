import type { Dockerfile } from "dockerfile-ast";
import type { PortDefinition } from "../../model/project.ts";

/** A port, and the line of the Dockerfile that exposes it. */
export type ExposedPort = PortDefinition & { readonly line: number };

/** The ports that DockerOps publishes: those of `EXPOSE`, and the UDP ports of `#UDPEXPOSE` comments. */
export function findExposedPorts(dockerfile: Dockerfile): ExposedPort[] {
  const instructions = dockerfile
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === "EXPOSE")
    .flatMap((instruction) => instruction.getArguments())
    .map((argument) => ({ text: argument.getValue(), line: argument.getRange().start.line + 1 }));
  const comments = dockerfile.getComments().flatMap((comment) => {
    const ports = /^UDPEXPOSE\s+(.+)$/.exec(comment.getContent() ?? "")?.[1];
    const line = comment.getRange().start.line + 1;
    return (ports ?? "").split(/\s+/).map((port) => ({ text: `${port}/udp`, line }));
  });
  return [...instructions, ...comments].flatMap(({ text, line }) => {
    const match = /^(\d+)(?:\/(tcp|udp))?/.exec(text);
    if (!match) return [];
    const port = Number(match[1]);
    const protocol = match[2] === "udp" ? "udp" : "tcp";
    return [{ container: port, host: port, protocol, line }];
  });
}
