import { expect, test } from "vitest";
import type { Json } from "$lib/api/types";
import { readService, type Operation, type Property, type Resource } from "./metadata";
import { curl, example, exampleCall, powerQuery, typescript } from "./snippets";

const service = "https://example.org/odata/default/1/";
const metadata: Json = {
  $EntityContainer: "App.Service",
  App: {
    Row: {
      $Kind: "EntityType",
      $Key: ["RowId"],
      RowId: { $Type: "Edm.Guid" },
      Qty: { $Type: "Edm.Int64", $Nullable: true },
    },
    Out: { $Kind: "ComplexType", Payment: { $Type: "Edm.Double" } },
    Loan: [
      {
        $Kind: "Function",
        $ReturnType: { $Type: "App.Out" },
        $Parameter: [
          { $Name: "Amount", $Type: "Edm.Double", "@Core.OptionalParameter": {}, "@Validation.Minimum": 500 },
          { $Name: "Note", "@Core.OptionalParameter": {} },
          { $Name: "Start", $Type: "Edm.Date" },
        ],
      },
    ],
    Service: {
      $Kind: "EntityContainer",
      Stock: { $Collection: true, $Type: "App.Row" },
      Loan: { $Function: "App.Loan" },
    },
  },
};
const document = {
  value: [
    { name: "Stock", kind: "EntitySet", url: "Stock" },
    { name: "Loan", kind: "FunctionImport", url: "Loan" },
  ],
};
const [stock, loan] = readService(document, metadata) as [Resource, Operation];

test("other programs get the app's own address and names", () => {
  expect(powerQuery(service, stock)).toMatchInlineSnapshot(`
    "let
        Source = OData.Feed("https://example.org/odata/default/1/", null, [Implementation = "2.0"]),
        Stock_table = Source{[Name = "Stock", Signature = "table"]}[Data]
    in
        Stock_table"
  `);
  expect(powerQuery(service, loan)).toMatchInlineSnapshot(`
    "let
        Answer = Json.Document(Web.Contents("https://example.org/odata/default/1/Loan(Amount=500,Start=2026-01-31)", [Headers = [Accept = "application/json"]])),
        Result = Record.ToTable(Answer)
    in
        Result"
  `);
  expect(typescript(service, stock)).toMatchInlineSnapshot(`
    "const service = "https://example.org/odata/default/1/";
    const key = process.env.GRIDKEEP_KEY;

    interface Stock {
      RowId: string;
      Qty: number | null;
    }

    const response = await fetch(service + "Stock?$top=10", {
      headers: { Authorization: \`Bearer \${key}\` },
    });
    if (!response.ok) throw new Error(\`\${response.status}: \${await response.text()}\`);
    const { value } = (await response.json()) as { value: Stock[] };
    console.table(value);"
  `);
  expect(typescript(service, loan)).toMatchInlineSnapshot(`
    "const service = "https://example.org/odata/default/1/";
    const key = process.env.GRIDKEEP_KEY;

    interface LoanResult {
      Payment: number;
    }

    const response = await fetch(service + "Loan(Amount=500,Start=2026-01-31)", {
      headers: { Authorization: \`Bearer \${key}\` },
    });
    if (!response.ok) throw new Error(\`\${response.status}: \${await response.text()}\`);
    const result = (await response.json()) as LoanResult;
    console.log(result);"
  `);
  expect(curl(`${service}Stock?$top=10`)).toMatchInlineSnapshot(`
    "curl --header "Authorization: Bearer $GRIDKEEP_KEY" \\
      'https://example.org/odata/default/1/Stock?$top=10'"
  `);
});

test("a shell gets a single quote in pieces", () => {
  expect(curl(`${service}Stock(Sku='a')`)).toContain(`'${service}Stock(Sku='\\''a'\\'')'`);
});

test("examples keep within the bounds", () => {
  expect(exampleCall(loan)).toBe("Loan(Amount=500,Start=2026-01-31)");
  const check = (of: Partial<Property>, expected: string | undefined) =>
    expect(example({ choices: [], ...of } as Property)).toBe(expected);
  check({ type: "Edm.Int64", maximum: "5" }, "5");
  check({ type: "Edm.Int64", minimum: "1", maximum: "50" }, "10");
  check({ type: "Edm.String", choices: ["it's"] }, "'it''s'");
  check({ type: "Edm.Stream" }, undefined);
});
