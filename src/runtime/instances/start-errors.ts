import { hasCode, ReynsError } from "../../errors.ts";
import { diskFullHint } from "../disk-full.ts";

/** START_FAILED for an Engine that refused to start a container; other errors stay as they are. */
export function toStartError(host: string, cause: unknown): unknown {
  if (!hasCode(cause, "ENGINE_REFUSED")) return cause;
  const reason = unwrapEngineReason(cause);
  const message = `${host}: cannot start: ${reason}`;
  return new ReynsError("START_FAILED", message, { hint: hintFor(reason), cause });
}

/** START_FAILED for an Engine that refused to create a container. */
export function toCreateError(host: string, cause: ReynsError, isNameTaken: boolean): ReynsError {
  if (isNameTaken)
    return new ReynsError("START_FAILED", `${host}: another run is starting it right now`, {
      hint: 'check the result with "reyns ps"',
      cause,
    });
  const reason = unwrapEngineReason(cause);
  const message = `${host}: cannot create its container: ${reason}`;
  return new ReynsError("START_FAILED", message, { hint: hintFor(reason), cause });
}

/** The Engine's reason, without the layers of the runtime that it came through. */
function unwrapEngineReason({ message }: ReynsError): string {
  const port = portIn(message);
  if (port) return `port ${port.number}/${port.protocol} is in use on this host`;
  const allocated = /Bind for \S*?:(\d+) failed: port is already allocated/.exec(message);
  if (allocated) return `port ${allocated[1]} is in use by another container`;
  const privileged = /cannot expose privileged port (\d+)/.exec(message);
  if (privileged) return `this Engine's user may not open port ${privileged[1]}`;
  const source = /bind source path does not exist: (\S+)/.exec(message);
  if (source) return `cannot mount ${source[1]}: it does not exist`;
  if (/^the Docker Engine refused: network \S+ not found/.test(message))
    return "its network does not exist any more";
  // Docker 28 leaves out the first slash. The other words are Podman's.
  const folder =
    /cannot overwrite directory "\/?([^"]+)" with non-directory/.exec(message) ??
    /error creating file at "\/?([^"]+)": open \S+: file exists/.exec(message);
  if (folder) return `/${folder[1]} is a folder in its image, and a file in its definition`;
  const platform = platformsIn(message);
  if (platform) return `its image is for ${platform.actual}, not for ${platform.wanted}`;
  // With images in containerd's store.
  const lacking = /was found but does not provide the specified platform \(([\w/]+)\)/.exec(
    message,
  );
  if (lacking) return `its image is not for ${lacking[1]}`;
  const program = /container process(?: caused)?: (exec: .*?)(?:: unknown)?$/.exec(message);
  return program?.[1] ?? message.replace(/^the Docker Engine refused: /, "");
}

/** The words of Docker 20.10, and those of 28. */
function portIn(message: string): { number?: string; protocol?: string } | undefined {
  const older = /listen (?<protocol>tcp|udp)\d? \S*?:(?<number>\d+): bind: address already in use/;
  const newer =
    /bind host port (?:for )?(?:\[\S*?\]|[\d.]*):(?<number>\d+)(?::\S+)?\/(?<protocol>tcp|udp): address already in use/;
  return (older.exec(message) ?? newer.exec(message))?.groups;
}

/** The words of Docker 20.10, and those of 28. */
function platformsIn(message: string): { actual?: string; wanted?: string } | undefined {
  const older =
    /does not match the (?:specified|requested) platform: wanted (?<wanted>\S+?), actual: (?<actual>[\w/]+)/;
  const newer =
    /its platform \((?<actual>[\w/]+)\) does not match the specified platform \((?<wanted>[\w/]+)\)/;
  return (older.exec(message) ?? newer.exec(message))?.groups;
}

function hintFor(reason: string): string | undefined {
  // In this case from the Engine's address pool; in lower case from the host's ports.
  if (reason.includes("Address already in use"))
    return "another run took its address at the same time: run again";
  if (/^port \d+.* is in use/.test(reason))
    return "stop what uses it, or publish another port of the host";
  const privileged = /^this Engine's user may not open port (\d+)/.exec(reason)?.[1];
  if (privileged)
    return `publish a port from 1024 on, or allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${privileged}`;
  if (/cannot join network of a non running container|^No such container: /.test(reason))
    return "it shares the network of another instance: start that one first, or run both: reyns run all";
  if (reason === "its network does not exist any more")
    return "reyns run all makes it again, and starts everything";
  if (/^Could not attach to network .*not found/.test(reason))
    return "its machine still has a network that is gone from the Docker Swarm: restart its Engine (sudo systemctl restart docker), and run again";
  if (/^Could not attach to network .*deadline exceeded/.test(reason))
    return "no manager of the Docker Swarm answers its machine: more than half of them have to run; reyns nodes shows which do";
  if (reason.startsWith("exec: "))
    return "correct the command in its definition, or the CMD or ENTRYPOINT of its image";
  if (reason.includes("container-init binary not found"))
    return "init needs a program that Podman's machine lacks: install its package catatonit, or set init: false";
  if (reason === "No command specified")
    return "its image has no CMD: set command in its definition";
  if (/^its image is (?:not )?for /.test(reason))
    return "reyns pull SERVICE gets the other one, reyns build SERVICE makes it; or leave platform out";
  if (reason.includes(" is a folder in its image")) return "correct the path in files";
  if (reason.startsWith("cannot mount ")) return "create it, or correct the path in volumes";
  return diskFullHint(reason);
}
