import { formatAge } from "../output/duration.ts";
import { formatSize } from "../../lib/format-size.ts";
import { formatTable } from "../output/table.ts";

/** An image, and what is to be said of it. */
export interface ShownImage {
  /** With its tag. */
  readonly name: string;
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly services?: readonly string[];
  /** The machine that has it, where there are several. */
  readonly node?: string;
  readonly note?: string;
}

/** The first 12 digits of an id, as Docker shows it; a name as it is. */
function shortId(idOrName: string): string {
  return idOrName.replace(/^(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/, "$1");
}

/** A table of images. */
export function formatImages(images: readonly ShownImage[]): string {
  const columns = [
    { title: "SERVICE", droppable: true },
    { title: "IMAGE", shrinks: true },
    { title: "NODE" },
    { title: "SIZE" },
    { title: "CREATED", droppable: true },
    { title: "ID", droppable: true },
    { title: "" },
  ] as const;
  return formatTable(
    columns,
    images.map(({ name, id, size, createdAt, services = [], node = "", note = "" }) => [
      services.join(", "),
      shortId(name),
      node,
      formatSize(size),
      formatAge(Date.now() / 1000 - createdAt),
      shortId(id),
      note,
    ]),
  );
}
