import { expect, test } from "vitest";
import { readService, type EntitySet, type Operation } from "./metadata";

const metadata = {
  $Version: "4.01",
  $EntityContainer: "App.Service",
  App: {
    StockRow: {
      $Kind: "EntityType",
      $Key: ["RowId"],
      RowId: { $Type: "Edm.Guid", "@Core.Immutable": true },
      Sku: { $Nullable: true, $MaxLength: 12, "@Core.Description": "SKU" },
      Qty: { $Type: "Edm.Int64", "@Validation.Minimum": 0, "@Validation.Maximum": "99" },
      Price: { $Type: "Edm.Decimal", $Scale: 2, "@Core.Computed": true, "@Measures.ISOCurrency": "EUR" },
      State: { $Type: "App.State", $Nullable: true },
      Tags: { $Collection: true, "@Validation.AllowedValues": [{ Value: "new" }, { Value: "old" }] },
      Lines: { $Kind: "NavigationProperty", $Collection: true, $Type: "App.Line" },
      "Qty@Core.Description": "is no property",
      "@Core.Description": "Stock list",
    },
    State: { $Kind: "EnumType", Open: 0, Closed: 1, "Open@Core.Description": "open" },
    LoanResult: { $Kind: "ComplexType", Payment: { $Type: "Edm.Double", "@Core.Description": "Monthly" } },
    CalculateLoan: [
      { $Kind: "Function", $IsBound: true },
      {
        $Kind: "Function",
        $Parameter: [
          { $Name: "Amount", $Type: "Edm.Double", "@Core.OptionalParameter": {} },
          { $Name: "Years", $Type: "Edm.Decimal", $Scale: 0 },
        ],
        $ReturnType: { $Type: "App.LoanResult" },
        "@Core.Description": "Loan",
      },
    ],
    Approve: [{ $Kind: "Action", $Parameter: [{ $Name: "Note" }] }],
    Service: {
      $Kind: "EntityContainer",
      Stock: {
        $Collection: true,
        $Type: "App.StockRow",
        "@Capabilities.InsertRestrictions": { Insertable: false },
        "@Capabilities.SearchRestrictions": { Searchable: true },
      },
      CalculateLoan: { $Function: "App.CalculateLoan" },
      Approve: { $Action: "App.Approve" },
    },
  },
};
const document = {
  value: [
    { name: "Stock", kind: "EntitySet", url: "Stock" },
    { name: "CalculateLoan", kind: "FunctionImport", url: "CalculateLoan" },
  ],
};

test("a service is read from its own words", () => {
  const [set, call, action, ...none] = readService(document, metadata) as [EntitySet, Operation, Operation];
  expect(none).toEqual([]);
  expect([set.title, call.title, action.title]).toEqual(["Stock list", "Loan", "Approve"]);
  expect(set.rights).toEqual({ read: true, insert: false, update: true, delete: true, search: true });
  expect(set.links).toEqual([{ name: "Lines", type: "Line", many: true }]);
  const short = set.properties.map((one) => {
    const facts = { ...(one.key && { key: true }), ...(one.computed && { computed: true }) };
    return [one.name, one.title, one.type, one.nullable, facts];
  });
  expect(short).toEqual([
    ["RowId", "RowId", "Edm.Guid", false, { key: true }],
    ["Sku", "SKU", "Edm.String", true, {}],
    ["Qty", "Qty", "Edm.Int64", false, {}],
    ["Price", "Price", "Edm.Decimal", false, { computed: true }],
    ["State", "State", "State", true, {}],
    ["Tags", "Tags", "Edm.String", false, {}],
  ]);
  const [, sku, qty, price, state, tags] = set.properties;
  expect(sku?.maxLength).toBe(12);
  expect([qty?.minimum, qty?.maximum]).toEqual(["0", "99"]);
  expect([price?.scale, price?.unit]).toEqual([2, "EUR"]);
  expect([state?.choices, tags?.choices, tags?.collection]).toEqual([
    ["Open", "Closed"],
    ["new", "old"],
    true,
  ]);
  expect(call.parameters.map(({ name, optional }) => [name, optional])).toEqual([
    ["Amount", true],
    ["Years", false],
  ]);
  expect(call.result.map(({ title }) => title)).toEqual(["Monthly"]);
  expect([action.kind, action.parameters[0]?.type, action.result]).toEqual(["action", "Edm.String", []]);
});

test.each([
  [{}],
  [null],
  [[]],
  [{ $EntityContainer: "No.Where" }],
  [{ $EntityContainer: "App.Service", App: { Service: 1 } }],
])("damaged metadata %j ends well", (damaged) => {
  const [set] = readService(document, damaged) as [EntitySet];
  expect([set.name, set.title, set.properties]).toEqual(["Stock", "Stock", []]);
});
