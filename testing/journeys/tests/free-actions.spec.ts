// In German: an action called on no row, and a column that is filled with the moment of a change.
import { expect, expectAccessible, expectSaid, maker, phone, test } from "../support/journey.ts";
import { publish } from "../support/publish.ts";
import { xlsx } from "../support/sheets.ts";

test.use({ locale: "de-DE" });

const belege = xlsx({
  Belege: [
    ["Nummer", "Zweck", "Betrag", "Stand", "Geändert"],
    ["B-1", "Bahn nach Ulm", 48.5, "offen"],
    ["B-2", "Hotel in Oslo", 910, "offen"],
    ["B-3", "Taxi", 23, "offen"],
  ],
});

test("alle kleinen Belege auf einmal freigeben", async ({ server, visit }) => {
  const link = await publish(server, maker, { name: "Belege.xlsx", buffer: belege }, (definition) => {
    const [table] = definition.tables;
    const [list] = definition.screens.flatMap((screen) => screen.components).filter((one) => one["type"] === "list");
    if (!table || !list) throw new Error("a list was expected");
    const changed = { id: "geaendert", title: "Geändert", offset: 4, type: { name: "dateTime" }, kind: "dateTime", filled: "changed" };
    table.columns = [...table.columns.filter(({ title }) => title !== "Geändert"), changed];
    // Nobody enters it: it is shown, and nothing else.
    const shown = ["nummer", "zweck", "betrag", "stand"];
    Object.assign(list, { columns: [...shown.slice(2), "geaendert"], detail: [...shown, "geaendert"], search: ["zweck"], filters: [] });
    definition.screens = definition.screens.filter((screen) => screen.components.includes(list));
    definition.actions = [
      {
        id: "freigeben",
        title: "Kleine freigeben",
        description: "Gibt alle offenen Belege bis zu einem Betrag frei.",
        parameters: [
          { id: "grenze", title: "Bis zu", type: { name: "integer" }, kind: "integer", unit: "€", validation: { required: true } },
        ],
        when: "grenze<=500",
        refusal: "Höchstens 500 € auf einmal.",
        confirmation: "Wirklich alle freigeben?",
        access: ["guest", "member"],
        steps: [
          {
            do: "update",
            table: table.id,
            where: [
              { column: "stand", comparison: "equals", value: { value: "offen" } },
              { column: "betrag", comparison: "lessThan", value: { formula: "grenze+0.01" } },
            ],
            values: { stand: { value: "freigegeben" } },
          },
        ],
      },
      { id: "nie", title: "Nie zu sehen", when: "1=2", access: ["guest", "member"], steps: [
        { do: "delete", table: table.id, where: [{ column: "nummer", comparison: "equals", value: { value: "B-1" } }] } ] },
    ];
  });

  const app = await visit(link);
  const { page, body, sheet } = app;
  await expect(body.getByText("3 Zeilen")).toBeVisible();
  const before = body.getByRole("row").filter({ hasText: "Taxi" });
  await expect(before).toContainText("offen");
  await expect(body.getByRole("button", { name: "Nie zu sehen" })).toHaveCount(0);

  // By keyboard: what it does and asks for is said first; a slip is told here, the maker's words come from the server.
  await body.getByRole("button", { name: "Kleine freigeben" }).press("Enter");
  await expect(sheet.getByText("Gibt alle offenen Belege bis zu einem Betrag frei.")).toBeVisible();
  await expect(sheet.getByText("Wirklich alle freigeben?")).toBeVisible();
  const limit = sheet.getByLabel("Bis zu");
  const run = sheet.getByRole("button", { name: "Kleine freigeben" });
  await run.press("Enter");
  await expect(limit).toHaveAttribute("aria-invalid", "true");
  await expect(limit).toBeFocused();
  await limit.fill("1000");
  await expectAccessible(page);
  await run.press("Enter");
  await expect(sheet.getByRole("alert")).toHaveText("Höchstens 500 € auf einmal.");
  await expect(limit).toHaveValue("1000");
  await limit.fill("100");
  await page.screenshot({ path: test.info().outputPath("phone.png") });
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("phone-dark.png") });
  await page.emulateMedia({ colorScheme: "light" });
  await run.press("Enter");
  await expectSaid(page, "„Kleine freigeben“ ist erledigt.");
  await expect(sheet).toHaveCount(0);

  // Only what it changed has a moment, in the reader's form; nobody enters it.
  const today = /\d{2}\.\d{2}\.\d{4}/;
  const row = (name: string) => body.getByRole("row").filter({ hasText: name });
  await expect(row("Taxi")).toContainText("freigegeben");
  await expect(row("Taxi")).toContainText(today);
  await expect(row("Hotel in Oslo")).toContainText("offen");
  await expect(row("Hotel in Oslo")).not.toContainText(today);
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("list.png") });
  await page.setViewportSize({ width: 1280, height: 800 });
  await expectAccessible(page);
  await page.screenshot({ path: test.info().outputPath("desktop.png") });
  await page.setViewportSize(phone);
});
