/** Draws a hostile text. */
export type Draw = () => string;

const jsonLines = (documents: readonly unknown[]): string =>
  documents.map((document) => `${JSON.stringify(document)}\n`).join("");

/** Events of instances, some of them of a form that no Engine sends. */
export function eventsOf(draw: Draw, labels: () => Record<string, string>): string {
  const event = (timeNano: unknown, more: object = {}): object => ({
    ...{ Type: "container", Action: draw(), timeNano, ...more },
    Actor: {
      ID: draw(),
      Attributes: { ...labels(), name: draw(), image: draw(), exitCode: draw() },
    },
  });
  const wrong = [null, [], 7, { Action: 7 }, { Actor: null }, event(draw()), event(1e30)];
  const odd = wrong[draw().length % wrong.length];
  const end = draw().length % 3 === 0 ? `${draw()}\n` : "";
  return jsonLines([event(1.7e18), event(1.7e18, { Actor: { Attributes: labels() } }), odd]) + end;
}

/** Output of the classic builder and of a pull; every other one ends with an error. */
export function progressOf(draw: Draw): string {
  const status = { status: draw(), progress: draw(), id: draw(), progressDetail: {} };
  const last = draw().length % 2 === 0 ? [{ error: draw() }] : [{ aux: { ID: draw() } }];
  return jsonLines([status, { stream: `${draw()}\n${draw()}` }, { stream: draw() }, ...last]);
}

/** A table of processes, whose titles and cells a container's own commands fill. */
export function processesOf(draw: Draw): object {
  return { Titles: ["PID", draw(), "CMD"], Processes: [[draw(), draw(), draw()], [draw()]] };
}

/** A reading of what a container uses; its numbers may be texts. */
export function usageOf(draw: Draw): object {
  const number = (): unknown => (draw().length % 23 === 0 ? draw() : draw().length * 1e6);
  return {
    read: new Date(1.7e12 + draw().length).toISOString(),
    cpu_stats: { cpu_usage: { total_usage: number() } },
    memory_stats: { usage: number(), limit: number(), stats: { inactive_file: number() } },
    networks: { [draw()]: { rx_bytes: number(), tx_bytes: number() } },
    blkio_stats: { io_service_bytes_recursive: [{ op: draw(), value: number() }] },
    pids_stats: { current: number() },
  };
}
