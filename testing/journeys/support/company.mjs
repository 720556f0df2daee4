// A company's sign-in for tests: panva's oidc-provider on the loopback, with people that its first argument names.
// It asks for a name and believes it; registers whoever asks as a client; and says on its first line where it is.
import { once } from "node:events";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { people = {}, amr = [] } = JSON.parse(process.argv[2] ?? "{}");
const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  features: { devInteractions: { enabled: false }, registration: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  claims: {
    openid: ["sub"],
    acr: null,
    amr: null,
    auth_time: null,
    email: ["email", "email_verified"],
    profile: ["name", "groups", "region"],
  },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) =>
    people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  // Nobody is asked for consent: the company has given it.
  loadExistingGrant: async (context) => {
    const grant = new provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});

const page = (uid, word) => `<!doctype html><html lang="en"><title>Company sign-in</title><main><h1>Company sign-in</h1>
<form method="post" action="/interaction/${uid}"><label>Name <input name="login" autofocus></label><button>Go on</button>
<p>${word}</p></form></main></html>`;

provider.use(async (context, next) => {
  const uid = /^\/interaction\/([\w-]+)$/.exec(context.path)?.[1];
  if (!uid) return next();
  if (context.method === "GET") {
    context.type = "html";
    context.body = page(uid, "");
    return;
  }
  const chunks = [];
  for await (const chunk of context.req) chunks.push(chunk);
  const login = new URLSearchParams(Buffer.concat(chunks).toString()).get("login") ?? "";
  if (login === "no") {
    await provider.interactionFinished(context.req, context.res, { error: "access_denied" });
  } else if (people[login]) {
    const result = { login: { accountId: login, ...(amr.length ? { amr } : {}) } };
    await provider.interactionFinished(context.req, context.res, result);
  } else {
    context.type = "html";
    context.body = page(uid, "Nobody of that name.");
    return;
  }
  context.respond = false;
});

server.on("request", provider.callback());
console.log(JSON.stringify({ issuer }));
