// What delivery.test.ts sends: images, layers that break off on their way, and ways that lead here.
import { readdir, readlink } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { Engine } from "../../../src/docker/client/engine.ts";
import type { BlobContent } from "../../../src/runtime/delivery/blob-file.ts";
import type { PackedImages } from "../../../src/runtime/delivery/pack-images.ts";
import { smallImage } from "../../binary/support/small-image.ts";
import { must, temporaryFolder } from "./images-container.ts";

/** Builds an image on top of the small one. */
export async function buildImage(
  name: string,
  instructions: string,
  files: Readonly<Record<string, Buffer>> = {},
): Promise<void> {
  await using folder = await temporaryFolder();
  const dockerfile = `FROM ${smallImage}\n${instructions}`;
  for (const [path, content] of Object.entries({ ...files, Dockerfile: dockerfile }))
    await Bun.write(join(folder.path, path), content);
  await must("docker", "build", "-q", "-t", name, folder.path);
}

type Layer = NonNullable<ReturnType<PackedImages["layer"]>>;

/** The same images, whose layers are compressed in another way. */
export function withLayers(
  images: PackedImages,
  compressed: (layer: Layer) => ReturnType<Layer["compressed"]>,
): PackedImages {
  return {
    ...images,
    layer: (digest) => {
      const layer = images.layer(digest);
      return layer && { ...layer, compressed: () => compressed(layer) };
    },
  };
}

/** A layer that breaks off half-way. */
export function half(blob: BlobContent, signal: AbortSignal): BlobContent {
  const read = async function* (): AsyncGenerator<Uint8Array> {
    let left = blob.size / 2;
    for await (const bytes of blob.read(signal)) {
      yield bytes.subarray(0, left);
      if (bytes.length >= left) throw new Error("it broke off");
      left -= bytes.length;
    }
  };
  return { ...blob, read };
}

/** A small layer of an export is kept in memory. */
export function sizeIn({ layer, small }: PackedImages, digest: string): number | undefined {
  return layer(digest)?.size ?? small.get(digest)?.length;
}

/** Names under which an Engine pulls from here. */
export async function sentNames(): Promise<string[]> {
  const names = await must("docker", "images", "--format", "{{.Repository}}:{{.Tag}}");
  return names.split("\n").filter((name) => name.includes("/reyns/sent-"));
}

/** Open files of this process, of layers that lie on this machine. */
export async function openLayers(): Promise<number> {
  const targets = (await readdir("/proc/self/fd")).map((descriptor) =>
    readlink(`/proc/self/fd/${descriptor}`).catch(() => ""),
  );
  return (await Promise.all(targets)).filter((target) => target.includes("reyns-layers-")).length;
}

interface Forwards extends AsyncDisposable {
  readonly forward: NonNullable<Engine["forward"]>;
}

/** Leads from sockets in a folder to ports of this machine, as ssh does for an Engine elsewhere. */
export function createForwards(folder: string): Forwards {
  const servers = new AsyncDisposableStack();
  return {
    forward: async (host, port) => {
      const path = join(folder, `${port}.sock`);
      const server = createServer((client) => {
        const there = connect({ host, port }).on("error", () => client.destroy());
        client
          .on("error", () => there.destroy())
          .pipe(there)
          .pipe(client);
      });
      servers.defer(() => void server.close());
      await new Promise<void>((resolve) => server.listen(path, resolve));
      return path;
    },
    [Symbol.asyncDispose]: () => servers.disposeAsync(),
  };
}
