// OpenUI5's `sap.ui.model.odata.v4.ODataModel`, the way controls use it: bindings and their contexts.
import type { Page } from "@playwright/test";
import { expect, parts, type Service, test } from "../support/service.ts";
import { type Exchange, openUi5 } from "../support/ui5.ts";

// OpenUI5 as the page has it: its classes are loaded by name.
declare const sap: any;
declare const ui5: { model: any; other: any; Filter: any; Sorter: any };

/** Opens a page with a model of this service, and a second one as another person would have it. */
async function withModel(page: Page, address: string, service: Service): Promise<() => Promise<Exchange[]>> {
  const said = await openUi5(page, address);
  await page.evaluate(async ({ root, key }) => {
    const names = ["odata/v4/ODataModel", "Filter", "Sorter"].map((name) => `sap/ui/model/${name}`);
    const [ODataModel, Filter, Sorter] = await new Promise<any[]>((done, failed) =>
      sap.ui.require(names, (...all: any[]) => done(all), failed),
    );
    const model = () =>
      new ODataModel({
        serviceUrl: root,
        operationMode: "Server",
        autoExpandSelect: true,
        earlyRequests: true,
        httpHeaders: { Authorization: `Bearer ${key}` },
      });
    Object.assign(globalThis, { ui5: { model: model(), other: model(), Filter, Sorter } });
  }, service);
  return said;
}

test("lists are paged, counted, sorted, filtered and searched", async ({ page, maker, stock }) => {
  const said = await withModel(page, maker.server.address, stock);
  const seen = await page.evaluate(async () => {
    const { model, Filter, Sorter } = ui5;
    const names = async (list: any, start: number, length: number) =>
      (await list.requestContexts(start, length)).map((context: any) => context.getProperty("Part"));
    const options = { $count: true, $select: "RowId,Part,Name,Quantity,Price,Bought,Active" };
    const all = model.bindList("/Data", undefined, [new Sorter("Part")], [], options);
    const first = await names(all, 0, 10);
    const rest = await names(all, 10, 20);
    const { Quantity, Price, Bought, Active } = (await all.requestContexts(24, 1))[0].getObject();
    const filters = [
      new Filter("Quantity", "BT", 10, 40),
      new Filter({ path: "Name", operator: "Contains", value1: "PART", caseSensitive: false }),
      new Filter({ filters: [new Filter("Price", "GT", "3.25"), new Filter("Active", "EQ", true)], and: false }),
      new Filter("Bought", "GE", "2026-03-04"),
    ];
    const sorters = [new Sorter("Quantity", true), new Sorter("Part")];
    const few = model.bindList("/Data", undefined, sorters, [new Filter({ filters, and: true })], options);
    const filtered = await names(few, 0, 5);
    const named = model.bindList("/Data", undefined, [], [new Filter("Name", "EQ", "O'Neill & Söhne + Co")], options);
    const found = model.bindList("/Data", undefined, [], [], { ...options, $search: "0021" });
    const unbatched = { $select: "RowId,Part", $$groupId: "$direct" };
    const direct = model.bindList("/Data", undefined, [new Sorter("Part")], [], unbatched);
    const meta = (path: string) => model.getMetaModel().requestObject(path);
    return {
      listed: [...first, ...rest],
      length: all.getLength(),
      last: { Quantity, Price, Bought, Active },
      filtered,
      total: few.getLength(),
      named: await names(named, 0, 5),
      searched: await names(found, 0, 5),
      count: await model.bindProperty("/Data/$count").requestValue(),
      unbatched: await names(direct, 22, 10),
      types: await Promise.all(["RowId", "Quantity", "Price", "Bought", "Active"].map((name) => meta(`/Data/${name}/$Type`))),
      label: await meta("/Data/Price@Org.OData.Core.V1.Description"),
    };
  });
  const all = parts.map((part) => part.Part);
  const few = parts.filter(
    ({ Quantity, Name, Price, Active, Bought }) =>
      Quantity >= 10 && Quantity <= 40 && Name.startsWith("Part") && (Price > 3.25 || Active) && Bought >= "2026-03-04",
  );
  few.sort((one, other) => other.Quantity - one.Quantity || (one.Part < other.Part ? -1 : 1));
  expect(seen).toEqual({
    listed: all,
    length: all.length,
    // As OpenUI5's types want them: what a double may not hold comes as text.
    last: { Quantity: "18", Price: "30.50", Bought: "2026-03-25", Active: true },
    filtered: few.slice(0, 5).map((part) => part.Part),
    total: few.length,
    named: ["P-0007"],
    searched: ["P-0021"],
    count: all.length,
    unbatched: all.slice(22),
    types: ["Edm.Guid", "Edm.Int64", "Edm.Decimal", "Edm.Date", "Edm.Boolean"],
    label: "Price",
  });
  const wrong = ({ status, answer }: Exchange) => status >= 400 || /^HTTP\/1\.1 [45]/m.test(answer);
  expect((await said()).filter(wrong)).toEqual([]);
});

test("entities are created, changed and deleted by their version", async ({ page, maker, stock }) => {
  await withModel(page, maker.server.address, stock);
  const seen = await page.evaluate(async () => {
    const { model, other, Filter, Sorter } = ui5;
    const options = { $count: true, $select: "RowId,Part,Name,Quantity,Price,Bought,Active" };
    const list = model.bindList("/Data", undefined, [new Sorter("Part")], [], options);
    await list.requestContexts(0, 3);
    const values = { Part: "X-1", Name: 'Größe "L"', Quantity: "7", Price: "12.50", Bought: "2026-04-01", Active: true };
    const made = list.create(values);
    await made.created();
    const created = { ...made.getObject() };
    const length = list.getLength();
    // Two properties at once become one PATCH, two entities at once one change set.
    await Promise.all([made.setProperty("Quantity", "8"), made.setProperty("Price", "13.75")]);
    await made.requestRefresh();
    const changed = { ...made.getObject() };
    const [, one, two] = await list.requestContexts(0, 3);
    await Promise.all([one.setProperty("Name", "One"), two.setProperty("Name", "Two")]);
    const names = [one.getProperty("Name"), two.getProperty("Name")];
    // Somebody else changes what this one has read.
    const theirs = other.bindList("/Data", undefined, [], [new Filter("Part", "EQ", "X-1")], options);
    await (await theirs.requestContexts(0, 1))[0].setProperty("Quantity", "9");
    const refusal = (error: any) => [error.status, error.error?.code, error.error?.target ?? null];
    const late = await made.setProperty("Quantity", "10").then(() => null, refusal);
    model.resetChanges("$auto");
    await made.requestRefresh();
    await made.setProperty("Quantity", "10");
    const wrong = await made.setProperty("Quantity", "1.5").then(() => null, refusal);
    model.resetChanges("$auto");
    const last = made.getProperty("Quantity");
    await made.delete("$auto");
    const count = await model.bindProperty("/Data/$count").requestValue();
    return { created, length, changed, names, late, wrong, last, left: list.getLength(), count };
  });
  const made = { Part: "X-1", Name: 'Größe "L"', Quantity: "7", Price: "12.50", Bought: "2026-04-01", Active: true };
  expect(seen).toMatchObject({
    created: { ...made, "@odata.etag": 'W/"1"', RowId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    length: parts.length + 1,
    changed: { ...made, "@odata.etag": 'W/"2"', Quantity: "8", Price: "13.75" },
    names: ["One", "Two"],
    late: [412, "preconditionFailed", null],
    wrong: [400, "WRONG_TYPE", "Quantity"],
    last: "10",
    left: parts.length,
    count: parts.length,
  });
});

test("rows are grouped and summed up", async ({ page, maker, stock }) => {
  const said = await withModel(page, maker.server.address, stock);
  const seen = await page.evaluate(async () => {
    const { model, Filter, Sorter } = ui5;
    const totals = {
      aggregate: { Total: { name: "Quantity", with: "sum" }, Dearest: { name: "Price", with: "max" } },
      group: { Active: {} },
    };
    const filter = new Filter("Quantity", "GT", 5);
    const list = model.bindList("/Data", undefined, [new Sorter("Active")], [filter], { $$aggregation: totals });
    const contexts = await list.requestContexts(0, 10);
    return contexts.map((context: any) => {
      const { Active, Total, Dearest } = context.getObject();
      return { Active, Total, Dearest };
    });
  });
  expect((await said()).some(({ request }) => request.includes("$apply="))).toBe(true);
  const group = (active: boolean) => {
    const rows = parts.filter(({ Active, Quantity }) => Active === active && Quantity > 5);
    const total = rows.reduce((sum, { Quantity }) => sum + Quantity, 0);
    return { Active: active, Total: String(total), Dearest: Math.max(...rows.map(({ Price }) => Price)).toFixed(2) };
  };
  expect(seen).toEqual([group(false), group(true)]);
});

test("a calculator is a function", async ({ page, maker, loan }) => {
  await withModel(page, maker.server.address, loan);
  const seen = await page.evaluate(async () => {
    const call = ui5.model.bindContext("/CalculateLoan(...)");
    call.setParameter("LoanAmount", 10_000).setParameter("InterestRatePA", 0.05).setParameter("Years", "3");
    await call.invoke();
    const first = { ...call.getBoundContext().getObject() };
    call.setParameter("Years", "2").setParameter("StartDate", "2027-02-28");
    await call.invoke();
    return [first, call.getBoundContext().getObject()];
  });
  // An annuity: 10,000 at 5 % a year, paid back monthly.
  const payment = (years: number) => (10_000 * (0.05 / 12)) / (1 - (1 + 0.05 / 12) ** (-12 * years));
  expect(seen).toMatchObject([
    { MonthlyPayment: expect.closeTo(payment(3), 8), TotalInterest: expect.closeTo(payment(3) * 36 - 10_000, 6) },
    { MonthlyPayment: expect.closeTo(payment(2), 8), EndDate: "2029-02-28" },
  ]);
});
