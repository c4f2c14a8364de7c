import type { Step } from "../../model/steps.ts";
import type { RuntimeContext } from "../context.ts";
import type { Delivery } from "./delivery.ts";

/** What brings images to other nodes: loaded, and opened, when the first one is sent. */
export interface LazyDelivery extends AsyncDisposable {
  readonly open: () => Promise<Delivery>;
}

export function lazyDelivery(
  steps: readonly Step[],
  { onNode, connectOwn, signal }: Pick<RuntimeContext, "onNode" | "connectOwn" | "signal">,
): LazyDelivery {
  let delivery: Promise<Delivery> | undefined;
  const open = async (): Promise<Delivery> => {
    const { createDelivery } = await import("./delivery.ts");
    const sends = steps.filter((step) => step.kind === "send-image");
    const own = sends.some(({ from }) => from === undefined) ? await connectOwn?.() : undefined;
    const engineOf = (node: string | undefined) => {
      const context = node === undefined ? own && { engine: own } : onNode?.(node);
      if (!context) throw new Error(`an image for ${node}, or from there, without nodes`);
      return context.engine;
    };
    return createDelivery(sends, engineOf, signal);
  };
  return {
    open: () => (delivery ??= open()),
    [Symbol.asyncDispose]: async () => (await delivery)?.[Symbol.asyncDispose](),
  };
}
