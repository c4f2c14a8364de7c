import { Duplex } from "node:stream";
import { readMessages, type DialTcp } from "./transport.ts";

/** Milliseconds without a question until a connection is closed. BIND closes one after 30 s. */
const idleMs = 5000;

/**
 * Lets all exchanges with a DNS share one TCP connection, as servers allow (RFC 7766, 6.2.1): for a dial that is slow, as one
 * through a container is. Answers are told apart by the ids of their questions. A connection on which a question has had no
 * answer gets no more of them.
 */
export function shareConnection(dial: DialTcp): DialTcp {
  const connections = new Map<string, Promise<Connection>>();
  return async (host, port) => {
    const key = `${host} ${port}`;
    const known = connections.get(key);
    if (known) return (await known).open();
    const forget = (): void => {
      if (connections.get(key) === connection) connections.delete(key);
    };
    const connection = connect(dial, { host, port }, forget);
    connections.set(key, connection);
    connection.catch(forget);
    return (await connection).open();
  };
}

async function connect(
  dial: DialTcp,
  { host, port }: { readonly host: string; readonly port: number },
  onRetire: () => void,
): Promise<Connection> {
  return createConnection(await dial(host, port), onRetire);
}

interface Connection {
  /** Begins an exchange: a stream for one question and its answer. */
  readonly open: () => Duplex;
}

/** @param onRetire called when it takes no more exchanges, once or several times */
function createConnection(stream: Duplex, onRetire: () => void): Connection {
  const exchanges = new Set<Duplex>();
  const asked = new Map<number, Duplex>();
  let isRetired = false;
  let idle: Timer | undefined;
  const retire = (): void => {
    isRetired = true;
    onRetire();
  };
  const fail = (error?: Error): void => {
    retire();
    for (const exchange of exchanges) exchange.destroy(error);
  };
  stream.on(
    "data",
    readMessages((bytes) => {
      if (bytes.length < 2) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      asked.get(bytes.readUInt16BE(0))?.push(Buffer.concat([length, bytes]));
    }),
  );
  stream.on("error", fail);
  stream.on("close", () => fail());

  const ask = (exchange: Duplex, packet: Buffer): void => {
    if (exchange.destroyed) return;
    const id = packet.readUInt16BE(2);
    // Ids are random: another question may have the same.
    const other = asked.get(id);
    if (other) return void other.once("close", () => ask(exchange, packet));
    asked.set(id, exchange);
    stream.write(packet);
  };
  const close = (exchange: Duplex): void => {
    exchanges.delete(exchange);
    for (const [id, other] of asked) if (other === exchange) asked.delete(id);
    if (exchange.readableDidRead) idle = setTimeout(retireIdle, idleMs).unref();
    else retire();
    if (isRetired && exchanges.size === 0) stream.destroy();
  };
  const retireIdle = (): void => {
    if (exchanges.size > 0) return;
    retire();
    stream.destroy();
  };
  const open = (): Duplex => {
    clearTimeout(idle);
    const exchange: Duplex = new Duplex({
      read: () => {},
      write: (packet: Buffer, _, done) => {
        ask(exchange, packet);
        done();
      },
      destroy: (error, done) => {
        close(exchange);
        done(error);
      },
    });
    exchanges.add(exchange);
    // Whoever has opened it may listen later.
    exchange.on("error", () => {});
    if (stream.destroyed) setImmediate(() => exchange.destroy());
    return exchange;
  };
  return { open };
}
