// A provider's settings as a form has them.
// Invariant: what the form does not show stays as it was.
import type { OidcSettings, Provider, ProviderRules } from "$lib/api/company";
import type { TenantRole } from "$lib/api/types";

/** A group of the provider's, and what it is here: `role:maker` or `group:{id}`. */
export interface GroupLine {
  outside: string;
  means: string;
}

/** What is known of people here, and the claim that it is taken from. */
export interface AttributeLine {
  own: string;
  claim: string;
}

const noRules: ProviderRules = {
  newcomers: "member",
  claims: { email: "email", name: "name", groups: "groups", external: null },
  trustAddresses: false,
  groups: [],
  attributes: {},
  factors: [],
};

const noOidc: OidcSettings = {
  issuer: "",
  client: "",
  proves: "secret",
  scope: "openid email profile",
  algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
  acr: [],
  userinfo: true,
};

/** Where a provider says how people showed who they are: SAML has one word for it (AuthnContextClassRef). */
const saysOf = (own: Provider | undefined): "acr" | "amr" => (own?.kind === "saml" ? "acr" : "amr");

/** A provider as the form begins with it. */
export function filled(own: Provider | undefined) {
  const says = saysOf(own);
  const rules = own?.settings.rules ?? noRules;
  const oidc = own?.settings.oidc ?? noOidc;
  return {
    name: own?.name ?? "",
    enabled: own?.enabled ?? false,
    oidc,
    acrValues: oidc.acr.join(" "),
    rules,
    says,
    factorValues: rules.factors
      .filter((rule) => rule.says === says && rule.counts === "any")
      .map((rule) => rule.value)
      .join(" "),
  };
}

/** Its rules for groups, one line each. */
export const rulesOf = (rules: ProviderRules): GroupLine[] =>
  rules.groups.flatMap((rule) => [
    ...(rule.role ? [{ outside: rule.outside, means: `role:${rule.role}` }] : []),
    ...(rule.group ? [{ outside: rule.outside, means: `group:${rule.group}` }] : []),
  ]);

/** What it says of people, one line each. */
export const attributesOf = (rules: ProviderRules): AttributeLine[] =>
  Object.entries(rules.attributes).map(([own, claim]) => ({ own, claim }));

/** Words with blanks or commas between. */
const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word);

/** How OpenID Connect is spoken, with what was entered. */
export function withOidc(
  before: OidcSettings,
  entered: { issuer: string; client: string; proves: "secret" | "key"; acr: string },
): OidcSettings {
  const { issuer, client, proves, acr } = entered;
  return { ...before, issuer: issuer.trim(), client: client.trim(), proves, acr: words(acr) };
}

interface Entered {
  newcomers: TenantRole | null;
  groupsClaim: string;
  lines: readonly GroupLine[];
  attributes: readonly AttributeLine[];
  factors: string;
  trustAddresses?: boolean;
  /** Where the provider says those. */
  says?: "acr" | "amr";
}

/** The rules with what was entered. */
export function withRules(before: ProviderRules, entered: Entered): ProviderRules {
  const groups = entered.lines
    .filter((line) => line.outside.trim())
    .map((line) => {
      const [kind, value = ""] = line.means.split(/:(.*)/s);
      const outside = line.outside.trim();
      return kind === "role" ? { outside, role: value as TenantRole } : { outside, group: value };
    });
  const attributes = entered.attributes
    .map(({ own, claim }) => [own.trim(), claim.trim()] as const)
    .filter(([own, claim]) => own && claim);
  const says = entered.says ?? "amr";
  const shown = (rule: ProviderRules["factors"][number]) => rule.says === says && rule.counts === "any";
  const factors = words(entered.factors).map((value) => ({ says, value, counts: "any" as const }));
  return {
    ...before,
    newcomers: entered.newcomers,
    trustAddresses: entered.trustAddresses ?? before.trustAddresses,
    claims: { ...before.claims, groups: entered.groupsClaim || "groups" },
    groups,
    attributes: Object.fromEntries(attributes),
    factors: [...before.factors.filter((rule) => !shown(rule)), ...factors],
  };
}
