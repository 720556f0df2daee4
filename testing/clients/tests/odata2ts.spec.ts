// A typed client that odata2ts generates from the live metadata: it is type-checked with what uses it, and used.
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, parts, test } from "../support/service.ts";

const here = join(import.meta.dirname, "..");
const node = (arguments_: string[], cwd: string) =>
  promisify(execFile)(process.execPath, arguments_, { cwd, env: { ...process.env, FORCE_COLOR: "0" } });
const bin = (path: string) => join(here, "node_modules", path);

/**
 * A program of a person who trusts the generated types: it does not compile when one of them is wrong. It says nothing of
 * versions, though the generated types are those of 4.0; and it avoids an apostrophe, which the generated queries do not double.
 */
const program = `
import { FetchClient } from "@odata2ts/http-client-fetch";
import { partsService } from "./client/partsService";
import type { DataRow, EditableDataRow } from "./client/partsModel";

const [, , root = "", key = ""] = process.argv;
const client = new FetchClient({ headers: { Authorization: "Bearer " + key } });
const service = new partsService(client, root);

async function main() {
  const listed = await service.Data().query((builder, part) =>
    builder
      .select("RowId", "Part", "Quantity", "Price", "Bought", "Active")
      .filter(part.Quantity.gt(10), part.Active.isTrue(), part.Name.toLower().contains("part"))
      .filter(part.Price.ge(3.25).or(part.Part.eq("P-0001")), part.Bought.ge("2026-03-02"))
      .orderBy(part.Quantity.descending(), part.Part.ascending())
      .top(3)
      .count(),
  );
  const rows: Partial<DataRow>[] = listed.data.value;
  const odd = await service.Data().query((builder, part) => builder.filter(part.Name.endsWith("Neill & Söhne + Co")));

  const wanted: EditableDataRow = { Part: "Y-1", Name: "New", Quantity: 5, Price: 2.5, Bought: "2026-05-06", Active: false };
  const made = await service.Data().create(wanted);
  const entity = service.Data(made.data.RowId);
  const versions = { headers: { "If-Match": "*" } };
  await entity.patch({ Quantity: 6 }, versions);
  const patched = await entity.query();
  await entity.update({ ...wanted, Name: "Replaced" }, versions);
  const replaced = await entity.query();
  await entity.delete(versions);
  const gone = await entity.query().then(() => 200, (error: { status?: number }) => error.status);

  console.log(JSON.stringify({
    count: listed.data["@odata.count"], rows, odd: odd.data.value.map((part) => part.Part), status: made.status,
    made: made.data, patched: patched.data, replaced: replaced.data, gone,
  }));
}
void main();
`;

const calculation = `
import { FetchClient } from "@odata2ts/http-client-fetch";
import { loanService } from "./client/loanService";

const [, , root = "", key = ""] = process.argv;
const service = new loanService(new FetchClient({ headers: { Authorization: "Bearer " + key } }), root);
void service
  .CalculateLoan({ LoanAmount: 10_000, InterestRatePA: 0.05, Years: 3, StartDate: "2027-02-28" })
  .then((loan) => console.log(JSON.stringify(loan.data)));
`;

/** Generates a client of a service, compiles it with a program, runs that and gives what it printed. */
async function run(name: string, service: { root: string; key: string }, source: string): Promise<any> {
  const folder = join(here, "generated", `${name}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // It puts a slash behind the address itself: then there are two.
  const address = service.root;
  const headers = { authorization: `Bearer ${service.key}` };
  const metadata = await fetch(`${service.root}$metadata`, { headers });
  await writeFile(join(folder, "metadata.xml"), await metadata.text());
  await writeFile(join(folder, "program.ts"), source);
  // What odata2ts writes imports its parts as CommonJS does.
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
  const options = {
    compilerOptions: {
      target: "es2023",
      module: "nodenext",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      rootDir: ".",
      outDir: "out",
    },
    include: ["*.ts", "client/*.ts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
  const generate = ["-s", "metadata.xml", "-o", "client", "-m", "all", "-e", "ts", "-name", name];
  await node([bin("@odata2ts/odata2ts/lib/run-cli.js"), ...generate], folder);
  const compiled = await node([bin("typescript/bin/tsc"), "-p", "."], folder).catch((error) => error);
  expect(compiled.stdout, "the generated client does not compile").toBe("");
  const { stdout } = await node([join(folder, "out/program.js"), address, service.key], folder);
  await rm(folder, { recursive: true });
  return JSON.parse(stdout);
}

test("rows are listed, created, changed and deleted", async ({ stock }) => {
  const seen = await run("parts", stock, program);
  const few = parts.filter(
    ({ Quantity, Name, Price, Active, Bought, Part }) =>
      Quantity > 10 && Active && Name.startsWith("Part") && (Price >= 3.25 || Part === "P-0001") && Bought >= "2026-03-02",
  );
  few.sort((one, other) => other.Quantity - one.Quantity || (one.Part < other.Part ? -1 : 1));
  const made = { Part: "Y-1", Name: "New", Quantity: 5, Price: 2.5, Bought: "2026-05-06", Active: false };
  expect(seen).toMatchObject({
    count: few.length,
    rows: few.slice(0, 3).map(({ Name, ...rest }) => rest),
    odd: ["P-0007"],
    status: 201,
    made,
    patched: { ...made, Quantity: 6 },
    replaced: { ...made, Name: "Replaced" },
    gone: 404,
  });
});

test("a calculator is a method", async ({ loan }) => {
  const payment = (10_000 * (0.05 / 12)) / (1 - (1 + 0.05 / 12) ** -36);
  const seen = await run("loan", loan, calculation);
  expect(seen).toMatchObject({ MonthlyPayment: expect.closeTo(payment, 8), EndDate: "2030-02-28" });
});
