import { expect, test } from "vitest";
import { parse, path, type Route } from "./route";

test("paths and routes belong together", () => {
  const check = (text: string, route: Route) => {
    expect(parse(text), text).toEqual(route);
    if (route.page !== "unknown") expect(path(route)).toBe(text);
  };
  check("/", { page: "home" });
  check("/sign-in", { page: "signIn" });
  check("/create-account", { page: "createAccount" });
  check("/confirm", { page: "confirm" });
  check("/forgot-password", { page: "forgotPassword" });
  check("/new-password", { page: "newPassword" });
  check("/invitation", { page: "invitation" });
  check("/account", { page: "account" });
  check("/mails", { page: "mails" });
  check("/sign-ins", { page: "logins" });
  check("/my-sign-ins", { page: "ownLogins" });
  check("/checkpoints", { page: "gates" });
  check("/waiting", { page: "waiting" });
  check("/checkpoint/01a204c0-0000", { page: "challenge", id: "01a204c0-0000" });
  check("/checkpoint/%20", { page: "unknown" });
  check("/mails/1", { page: "unknown" });
  check("/new", { page: "creation", step: "suggestions" });
  check("/new/editor", { page: "creation", step: "editor" });
  check("/new/publish", { page: "creation", step: "publish" });
  check("/apps/0192", { page: "app", id: "0192" });
  check("/apps/a%20b", { page: "app", id: "a b" });
  check("/apps/0192/api", { page: "app", id: "0192", tab: "api" });
  check("/apps/0192/api/x", { page: "unknown" });
  check("/apps/%E0%A4%A", { page: "unknown" });
  check("/apps", { page: "unknown" });
  check("/new/nothing", { page: "unknown" });
  check("/apps/1/2", { page: "unknown" });
});
