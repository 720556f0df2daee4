// A program that knows OAuth and nothing of security checkpoints: `openid-client`, as its makers' own guide has RFC 9470 done.
// It is told that its person must be asked anew, sends them where its library says, and goes on with the tokens it gets.
import * as oauth from "openid-client";
import { Program } from "../../journeys/support/program.ts";
import { expect, inventory, owner, test } from "../support/service.ts";

for (const scheme of ["Bearer", "DPoP"]) {
  test(`a program with ${scheme} tokens steps up`, async ({ maker, page }) => {
    const { address } = maker.server;
    await maker.gate({ id: "PARTS", message: "Change &COUNT part?", active: true, methods: ["password"] });
    const { root } = await maker.publishBytes("parts.csv", inventory, ({ tables }) => {
      tables[0].gates = [{ gate: "PARTS", on: ["update"], where: "Quantity gt 1000" }];
    });
    const config = await oauth.discovery(new URL(address), "gridkeep", undefined, oauth.None(), {
      algorithm: "oauth2",
      execute: [oauth.allowInsecureRequests],
    });
    const bound =
      scheme === "DPoP" ? { DPoP: oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair("ES256")) } : {};

    /** Sends the person to the server with these wishes; they do what is asked of them there. */
    const authorise = async (wishes: Record<string, string>, act: () => Promise<void>) => {
      const program = await Program.start();
      const verifier = oauth.randomPKCECodeVerifier();
      const state = oauth.randomState();
      const url = oauth.buildAuthorizationUrl(config, {
        redirect_uri: program.redirect,
        scope: "read write",
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...wishes,
      });
      await page.goto(url.href);
      await act();
      await expect(page.getByRole("heading", { name: "Back in the program" })).toBeVisible();
      const back = new URL(program.redirect);
      back.search = (await program.answer).toString();
      program.stop();
      return oauth.authorizationCodeGrant(
        config,
        back,
        { pkceCodeVerifier: verifier, expectedState: state },
        undefined,
        bound,
      );
    };
    const change = (tokens: { access_token: string }, quantity: number) =>
      oauth.fetchProtectedResource(
        config,
        tokens.access_token,
        new URL(`${root}Data(Part='P-0001')`),
        "PATCH",
        JSON.stringify({ Quantity: quantity }),
        new Headers({ "content-type": "application/json", "if-match": "*" }),
        bound,
      );

    const main = page.getByRole("main");
    let tokens = await authorise({}, async () => {
      await main.getByLabel("E-mail address").fill(owner.email);
      await main.getByLabel("Password").fill(owner.password);
      await main.getByRole("button", { name: "Sign in" }).click();
      await main.getByRole("button", { name: "Allow", exact: true }).click();
    });
    expect((await change(tokens, 12)).status).toBe(204);

    // What it is told, as its library reads it.
    const refused = await change(tokens, 5000).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
    const asks = (refused as oauth.WWWAuthenticateChallengeError).cause.find(
      (challenge) => challenge.scheme === scheme.toLowerCase(),
    );
    expect(asks?.parameters.error).toBe("insufficient_user_authentication");
    const { acr_values = "", max_age = "" } = asks?.parameters ?? {};

    tokens = await authorise({ acr_values, max_age }, async () => {
      await expect(main.getByText("Change 1 part?")).toBeVisible();
      // The answer is lost on its way once: what is approved stays so.
      await page.route("**/api/oauth/answer", (route) => route.abort(), { times: 1 });
      await main.getByRole("button", { name: "Look and confirm …" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Password").fill(owner.password);
      await dialog.getByRole("button", { name: "OK" }).click();
      await expect(main.getByText("You need not confirm it again.")).toBeVisible();
      await main.getByRole("button", { name: "Try again" }).click();
    });
    expect((await change(tokens, 5000)).status).toBe(204);
    await expect(change(tokens, 5001)).rejects.toBeInstanceOf(oauth.WWWAuthenticateChallengeError);

    // Whoever says no is heard, too.
    const again = await change(tokens, 6000).catch((error: unknown) => error);
    const wants = (again as oauth.WWWAuthenticateChallengeError).cause[0]?.parameters ?? {};
    const denied = authorise({ acr_values: wants["acr_values"] ?? "", max_age: "0" }, async () => {
      await main.getByRole("button", { name: "Do not allow" }).click();
    });
    await expect(denied).rejects.toMatchObject({ error: "access_denied" });
  });
}
