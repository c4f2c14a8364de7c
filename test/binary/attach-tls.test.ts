import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { upgrade } from "../../src/docker/client/upgrade.ts";
import { makeCertificates } from "./support/certificates.ts";

const agreed = "HTTP/1.1 101 UPGRADED\r\n\r\nup\n";

/** What comes of an attach to 127.0.0.1 by TLS, where the certificate of who answers is for `names`. */
async function attachTo(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-attach-tls-"));
  const { client, server } = await makeCertificates(folder, [...names]);
  const read = (side: string, name: string): Buffer => readFileSync(join(side, `${name}.pem`));
  const files = (side: string) =>
    Object.fromEntries((["ca", "cert", "key"] as const).map((name) => [name, read(side, name)]));
  const listening = createServer(
    { ...files(server), requestCert: true, rejectUnauthorized: true },
    (socket: TLSSocket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(agreed));
    },
  );
  try {
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const { port } = listening.address() as { port: number };
    const certificates = { ...files(client), rejectUnauthorized: true };
    let seen = "";
    const { ended } = await upgrade({ host: "127.0.0.1", port, certificates }, "/x", {
      onBytes: (bytes) => void (seen += bytes.toString()),
    });
    await ended;
    return seen;
  } finally {
    listening.close();
    await rm(folder, { recursive: true });
  }
}

test("output arrives over TLS when both sides have their certificates", async () => {
  expect(await attachTo(["127.0.0.1"])).toBe("up\n");
});

test("reyns sends nothing to a server with another host's certificate, even of the same authority", async () => {
  await expect(attachTo(["192.0.2.7"])).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});
