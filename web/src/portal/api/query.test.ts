import { expect, test } from "vitest";
import type { EntitySet, Operation, Property } from "./metadata";
import { callAddress, comparisonsFor, literal, resolve, setAddress } from "./query";

const property = (name: string, type: string, more: Partial<Property> = {}): Property => ({
  name,
  title: name,
  type,
  collection: false,
  nullable: false,
  choices: [],
  key: false,
  computed: false,
  immutable: false,
  optional: false,
  ...more,
});
const set: EntitySet = {
  kind: "set",
  name: "Stock",
  title: "Stock",
  url: "Stock",
  single: false,
  properties: [
    property("Item", "Edm.String", { nullable: true }),
    property("Qty", "Edm.Int64"),
    property("Due", "Edm.Date"),
  ],
  links: [],
  rights: { read: true, insert: true, update: true, delete: true, search: true },
};

test("values become literals of their type", () => {
  const check = (typed: string, type: string, expected: string | undefined, locale = "en-GB") =>
    expect(literal(typed, type, locale), `${typed} as ${type}`).toBe(expected);
  check("O'Neil", "Edm.String", "'O''Neil'");
  check("", "Edm.String", "''");
  check("1,234", "Edm.Int64", "1234");
  check("1.5", "Edm.Int64", undefined);
  check("9007199254740993", "Edm.Int64", "9007199254740993");
  check("1.234,50", "Edm.Decimal", "1234.50", "de-DE");
  check("1 or true", "Edm.Double", undefined);
  check("2026-11-22", "Edm.Date", "2026-11-22");
  check("22.11.2026", "Edm.Date", "2026-11-22", "de-DE");
  check("8:30", "Edm.TimeOfDay", "08:30:00");
  check("22/11/2026 8:30", "Edm.DateTimeOffset", "2026-11-22T08:30:00Z");
  check("2026-11-22T08:30:00+01:00", "Edm.DateTimeOffset", "2026-11-22T08:30:00+01:00");
  check("true", "Edm.Boolean", "true");
  check("yes", "Edm.Boolean", undefined);
  check("018f0000-0000-7000-8000-000000000005", "Edm.Guid", "018f0000-0000-7000-8000-000000000005");
  check("5", "Edm.Guid", undefined);
  check("Open", "State", "'Open'");
  check("x", "Edm.Stream", undefined);
});

test("comparisons follow the type", () => {
  const check = (of: Property, expected: string) => expect(comparisonsFor(of).join(" ")).toBe(expected);
  check(
    property("a", "Edm.String", { nullable: true }),
    "eq ne gt ge lt le contains startswith empty filled",
  );
  check(property("a", "Edm.Int64"), "eq ne gt ge lt le");
  check(property("a", "Edm.Boolean", { nullable: true }), "eq ne empty filled");
  check(property("a", "State"), "eq ne");
  check(property("a", "Edm.String", { collection: true }), "");
});

test("a form becomes an address", () => {
  const nothing = { select: [], conditions: [], orderBy: "", descending: false, top: "" };
  const check = (query: object, expected: string) =>
    expect(setAddress(set, { ...nothing, ...query }, "en-GB")).toBe(expected);
  check({}, "Stock");
  check({ top: "10" }, "Stock?$top=10");
  check({ top: "ten" }, "Stock");
  check(
    { select: ["Item", "Qty"], orderBy: "Qty", descending: true },
    "Stock?$select=Item,Qty&$orderby=Qty desc",
  );
  const text = { property: "Item", comparison: "contains", value: "R&D 100% #1+'" };
  const many = { property: "Qty", comparison: "gt", value: "1,000" };
  check(
    { conditions: [text, many] },
    "Stock?$filter=contains(Item,'R%26D 100%25 %231%2B''') and Qty gt 1000",
  );
  check({ conditions: [{ property: "Qty", comparison: "gt", value: "many" }] }, "Stock");
  check({ conditions: [{ property: "Item", comparison: "empty", value: "" }] }, "Stock?$filter=Item eq null");
  check({ conditions: [{ property: "Gone", comparison: "eq", value: "1" }] }, "Stock");
});

test("arguments become a call", () => {
  const loan: Operation = {
    kind: "function",
    name: "Loan",
    title: "Loan",
    url: "Loan",
    parameters: [property("Amount", "Edm.Double"), property("Note", "Edm.String")],
    result: [],
  };
  const check = (values: Record<string, string>, expected: string) =>
    expect(callAddress(loan, values, "en-GB")).toBe(expected);
  check({}, "Loan()");
  check({ Amount: "1,500.5" }, "Loan(Amount=1500.5)");
  check({ Amount: "much", Note: "a/b c?" }, "Loan(Note='a%2Fb c%3F')");
});

test("nothing leads out of the service", () => {
  const service = "https://example.org/odata/default/1/";
  const check = (typed: string, expected: string | undefined) =>
    expect(resolve(typed, service)?.href, typed).toBe(
      expected === undefined ? undefined : service + expected,
    );
  check("Stock?$filter=Item eq 'ä'", "Stock?$filter=Item%20eq%20%27%C3%A4%27");
  check("", "");
  check("/Stock", "Stock");
  check("https://example.org/odata/default/1/Stock", "Stock");
  check("Stock(Sku='a:b')", "Stock(Sku='a:b')");
  check("https://evil.example/odata/default/1/Stock", undefined);
  check("../2/Stock", undefined);
  check("../../../api/apps", undefined);
  check("%2e%2e/2/Stock", undefined);
  check("//evil.example/x", "evil.example/x");
  check("javascript:alert(1)", "javascript:alert(1)");
});
