// What people hold in their hand: an authenticator app, computed here, and the browser's own make-believe security key.
import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code an authenticator app shows (RFC 6238), so many steps of 30 seconds from now. */
export function code(secret: string, steps = 0): string {
  const bits = [...secret.replaceAll(" ", "")]
    .map((c) => letters.indexOf(c).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac("sha1", key).update(counter).digest();
  const number = tag.readUInt32BE(tag[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/**
 * A passkey provider in the browser, which always recognises its owner. The answer says whether the owner is there: where
 * they are, what is asked for is answered at once, also what the browser would only offer among what it fills in.
 */
export async function holdKey(page: Page): Promise<(there: boolean) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return async (there) => {
    await session.send("WebAuthn.setAutomaticPresenceSimulation", {
      authenticatorId,
      enabled: there,
    });
  };
}
