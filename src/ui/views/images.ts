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
  readonly note?: string;
}

/** A table of images. */
export function formatImages(images: readonly ShownImage[]): string {
  const columns = [
    { title: "SERVICE", droppable: true },
    { title: "IMAGE", shrinks: true },
    { title: "SIZE" },
    { title: "CREATED", droppable: true },
    { title: "ID", droppable: true },
    { title: "" },
  ] as const;
  return formatTable(
    columns,
    images.map(({ name, id, size, createdAt, services = [], note = "" }) => [
      services.join(", "),
      name,
      formatSize(size),
      formatAge(Date.now() / 1000 - createdAt),
      id.replace(/^sha256:/, "").slice(0, 12),
      note,
    ]),
  );
}
