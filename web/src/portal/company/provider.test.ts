import { expect, test } from "vitest";
import type { Provider } from "$lib/api/company";
import { attributesOf, filled, rulesOf, withOidc, withRules } from "./provider";

const rules: Provider["settings"]["rules"] = {
  newcomers: "guest",
  claims: { email: "mail", name: "name", groups: "roles", external: "oid" },
  trustAddresses: true,
  groups: [
    { outside: "a", role: "maker", group: "1" },
    { outside: "b", group: "2" },
  ],
  attributes: { Region: "region" },
  factors: [
    { says: "amr", value: "mfa", counts: "any" },
    { says: "acr", value: "gold", counts: "passkey" },
  ],
};

test("what the form does not show stays", () => {
  const provider = { name: "X", enabled: true, settings: { rules } } as Provider;
  const begun = filled(provider);
  expect(begun.factorValues).toBe("mfa");
  expect(rulesOf(rules)).toEqual([
    { outside: "a", means: "role:maker" },
    { outside: "a", means: "group:1" },
    { outside: "b", means: "group:2" },
  ]);
  const lines = [...rulesOf(rules), { outside: " ", means: "role:member" }];
  const attributes = [
    ...attributesOf(rules),
    { own: " Team ", claim: "department " },
    { own: "", claim: "x" },
  ];
  const after = withRules(rules, {
    newcomers: null,
    groupsClaim: "",
    lines,
    attributes,
    factors: "otp, mfa",
  });
  expect(after).toEqual({
    ...rules,
    newcomers: null,
    claims: { ...rules.claims, groups: "groups" },
    groups: [
      { outside: "a", role: "maker" },
      { outside: "a", group: "1" },
      { outside: "b", group: "2" },
    ],
    attributes: { Region: "region", Team: "department" },
    factors: [
      { says: "acr", value: "gold", counts: "passkey" },
      { says: "amr", value: "otp", counts: "any" },
      { says: "amr", value: "mfa", counts: "any" },
    ],
  });
});

test("how it is spoken with is entered in words", () => {
  const before = filled(undefined);
  expect([before.acrValues, before.oidc.proves]).toEqual(["", "secret"]);
  const entered = {
    issuer: " https://id.example ",
    client: "us ",
    proves: "key",
    acr: " gold, silver",
  } as const;
  const after = withOidc({ ...before.oidc, scope: "openid groups" }, entered);
  expect(after).toEqual({
    ...before.oidc,
    issuer: "https://id.example",
    client: "us",
    proves: "key",
    acr: ["gold", "silver"],
    scope: "openid groups",
  });
  const own = { settings: { rules, oidc: after } } as Provider;
  expect(filled(own).acrValues).toBe("gold silver");
  const trusted = withRules(rules, {
    newcomers: null,
    groupsClaim: "",
    lines: [],
    attributes: [],
    factors: "",
    trustAddresses: false,
  });
  expect([trusted.trustAddresses, trusted.attributes]).toEqual([false, {}]);
});

test("a new one lets members in", () => {
  const begun = filled(undefined);
  expect([begun.enabled, begun.rules.newcomers, begun.oidc.scope]).toEqual([
    false,
    "member",
    "openid email profile",
  ]);
});
