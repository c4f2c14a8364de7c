import { defineCommand } from "citty";
import { ReynsError } from "../../errors.ts";
import type { ContainerPath, CopyOptions } from "../../runtime/copy/container-path.ts";
import { copyIn, unpackIn } from "../../runtime/copy/copy-in.ts";
import { copyOut, readTar } from "../../runtime/copy/copy-out.ts";
import { createCount, type CopyCount } from "../../runtime/copy/count.ts";
import { log } from "../../ui/output/log.ts";
import { printJson, writeRaw } from "../../ui/output/print.ts";
import { formatSize } from "../../lib/format-size.ts";
import { isTerminal } from "../../ui/output/style.ts";
import { createTransferLine } from "../../ui/progress/transfer.ts";
import * as args from "../args/common.ts";
import { parseCopyAddress, type CopyAddress } from "../args/copy-address.ts";
import type { Examples } from "../help/help.ts";
import { listenForInterrupt } from "../common/interrupt.ts";
import { requireContainer } from "../common/only-containers.ts";
import { resolveInstance } from "../common/resolve-instance.ts";

export const examples: Examples = [
  ["reyns cp web:/etc/nginx/nginx.conf .", "a file of an instance, into this folder"],
  ["reyns cp ./site/. web/one:/srv", "what is in a folder, into one of several instances"],
  ["reyns cp db:/var/lib/data - | tar -t", "a folder as a tar"],
  ["tar -c site | reyns cp - web:/srv", "a tar, unpacked in an instance"],
];

export const command = defineCommand({
  meta: {
    name: "cp",
    description:
      "Copies files and folders between this machine and an instance, which need not run. A copy goes into a target folder that exists, otherwise it gets the target's name; FOLDER/. means what is in the folder, and - a tar on standard input or output. Copies belong to root there and to you here; modes and times are kept, and links stay links.",
  },
  args: {
    source: endArgument("What to copy"),
    target: endArgument("Where to"),
    followLink: {
      type: "boolean",
      alias: "L",
      description: "If the source is a link, copy what it leads to",
    },
    archive: {
      type: "boolean",
      alias: "a",
      description: "Keep the numbers of owners and groups, which takes root here",
    },
    json: args.json,
  },
  run: async ({ args: { source, target, followLink = false, archive = false, json } }) => {
    const [from, to] = [parseCopyAddress(source), parseCopyAddress(target)];
    checkEnds(from, to, json ?? false);
    const line = createTransferLine(`copying ${source === "-" ? `to ${target}` : source}`);
    const count = createCount(line.show);
    const { controller, stop } = listenForInterrupt();
    const { signal } = controller;
    const options = { followLink, keepOwners: archive, count, signal };
    try {
      await copy(from, to, options);
    } catch (error) {
      if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause: error });
      throw error;
    } finally {
      line.close();
      stop();
    }
    report(count, target, json ?? false);
  },
});

function endArgument(description: string): {
  type: "positional";
  required: true;
  valueHint: string;
  description: string;
} {
  const hint = "a path, SERVICE:PATH, SERVICE/INSTANCE:PATH, or -";
  return {
    type: "positional",
    required: true,
    valueHint: "FILE|ADDRESS",
    description: `${description}: ${hint}`,
  };
}

/** @throws ReynsError INVALID_VALUE unless exactly one end is an instance */
function checkEnds(from: CopyAddress, to: CopyAddress, json: boolean): void {
  const ends = [from, to].filter(({ kind }) => kind === "instance").length;
  if (ends === 0)
    throw new ReynsError("INVALID_VALUE", "neither end of the copy is an instance", {
      hint: "for example: reyns cp web:/etc/hostname .",
    });
  if (ends === 2)
    throw new ReynsError("INVALID_VALUE", "both ends of the copy are instances", {
      hint: "copy through a pipe: reyns cp web:/srv - | reyns cp - db:/tmp",
    });
  if (to.kind === "stream" && (json || isTerminal("stdout")))
    throw new ReynsError("INVALID_VALUE", "a tar on standard output needs a file or a pipe", {
      hint: "for example: reyns cp web:/srv - > srv.tar",
    });
  if (from.kind === "stream" && process.stdin.isTTY)
    throw new ReynsError("INVALID_VALUE", "standard input is a terminal, and no tar", {
      hint: "for example: tar -c site | reyns cp - web:/srv",
    });
}

async function copy(from: CopyAddress, to: CopyAddress, options: CopyOptions): Promise<void> {
  if (from.kind === "instance") {
    const source = await locate(from);
    if (to.kind === "local") return copyOut(source, to.path, options);
    for await (const chunk of readTar(source, options)) writeRaw(1, chunk);
  } else if (to.kind === "instance") {
    const target = await locate(to);
    if (from.kind === "local") return copyIn(from.path, target, options);
    await unpackIn(Bun.stdin.stream() as AsyncIterable<Uint8Array>, target, options);
  }
}

async function locate(address: Extract<CopyAddress, { kind: "instance" }>): Promise<ContainerPath> {
  const { service, instance: name, path } = address;
  const { engine, instance } = await resolveInstance({ service, instance: name });
  requireContainer(instance);
  return { engine, id: instance.id, host: instance.host, path };
}

function report(
  { files, folders, links, bytes, leftOut }: CopyCount,
  target: string,
  json: boolean,
): void {
  for (const path of leftOut) log.warn(`left out, as it is neither file, folder nor link: ${path}`);
  if (json) return printJson({ files, folders, links, bytes, leftOut });
  if (target === "-") return;
  const counts = [
    [files, "file"],
    [folders, "folder"],
    [links, "link"],
  ] as const;
  const parts = counts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}${number === 1 ? "" : "s"}`);
  const what =
    parts.length === 0 ? formatSize(bytes) : `${parts.join(", ")} (${formatSize(bytes)})`;
  log.success(`copied ${what} to ${target}`);
}
