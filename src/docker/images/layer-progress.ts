import { formatSize } from "../../lib/format-size.ts";
import type { ProgressMessage } from "./messages.ts";

interface Layer {
  done: boolean;
  /** Bytes. */
  current: number;
  total: number;
}

/** The Engine's words for what becomes of a layer, and whether it is complete then. */
const states: Readonly<Record<string, "waiting" | "moving" | "moved" | "done">> = {
  "Pulling fs layer": "waiting",
  Preparing: "waiting",
  Waiting: "waiting",
  Downloading: "moving",
  Pushing: "moving",
  "Verifying Checksum": "moved",
  "Download complete": "moved",
  Extracting: "moved",
  "Pull complete": "done",
  Pushed: "done",
  "Already exists": "done",
  "Layer already exists": "done",
};

/** How far the layers of an image have come. */
export interface LayerProgress {
  /** Takes a message; returns a line on all layers if it was about one of them. */
  readonly read: (message: ProgressMessage) => string | undefined;
  /** Bytes that were transferred. */
  readonly bytes: () => number;
}

export function createLayerProgress(): LayerProgress {
  const layers = new Map<string, Layer>();
  const sum = (key: "current" | "total"): number =>
    [...layers.values()].reduce((total, layer) => total + layer[key], 0);
  return {
    bytes: () => sum("current"),
    read: ({ id, status = "", progressDetail = {} }) => {
      const state = status.startsWith("Mounted from") ? "done" : states[status];
      if (id === undefined || state === undefined) return undefined;
      const layer = layers.get(id) ?? { done: false, current: 0, total: 0 };
      layers.set(id, layer);
      if (state === "moving") {
        layer.current = progressDetail.current ?? layer.current;
        // A pushed layer is compressed on the way, and may be larger than it was said to be.
        layer.total = Math.max(progressDetail.total ?? layer.total, layer.current);
      } else if (state !== "waiting") layer.current = layer.total;
      layer.done ||= state === "done";
      const done = [...layers.values()].filter((one) => one.done).length;
      const counted = `${done} of ${layers.size} layers`;
      const total = sum("total");
      if (total === 0) return counted;
      return `${formatSize(sum("current"))} of ${formatSize(total)}, ${counted}`;
    },
  };
}
