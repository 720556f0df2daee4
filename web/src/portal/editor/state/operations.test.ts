import { describe, expect, test } from "vitest";
import { fieldsOf, freshId, place, type Selection } from "./find";
import {
  addComponent,
  addField,
  move,
  moveBy,
  remove,
  rename,
  updateField,
  updateScreen,
} from "./operations";
import { definition, field } from "./sample";

const one = (kind: "screen" | "component" | "field", id: string): Selection => ({ kind, id });
/** The app's shape as text: `loan[inputs(amount rate) …] …`. */
const shape = (of: ReturnType<typeof definition>) =>
  of.screens
    .map((screen) => {
      const parts = screen.components.map((component) => {
        const fields = fieldsOf(component).map((item) => item.id);
        return fields.length > 0 ? `${component.id}(${fields.join(" ")})` : component.id;
      });
      return `${screen.id}[${parts.join(" ")}]`;
    })
    .join(" ");
const START =
  "loan[inputs(amount rate years) results(payment) total_card(total)] items[item_list price_chart]";

test("the sample's shape", () => expect(shape(definition())).toBe(START));

describe("reordering with buttons does what dragging could", () => {
  const check = (selection: Selection, by: -1 | 1, expected: string) => {
    const before = definition();
    expect(shape(moveBy(before, selection, by))).toBe(expected);
    expect(shape(before), "the old definition stays").toBe(START);
  };
  test("within a list", () => {
    check(one("field", "rate"), -1, START.replace("amount rate", "rate amount"));
    check(one("field", "amount"), 1, START.replace("amount rate", "rate amount"));
    check(
      one("component", "results"),
      1,
      "loan[inputs(amount rate years) total_card(total) results(payment)] items[item_list price_chart]",
    );
    check(
      one("screen", "items"),
      -1,
      "items[item_list price_chart] loan[inputs(amount rate years) results(payment) total_card(total)]",
    );
  });
  test("over the edge into the neighbour", () => {
    check(
      one("field", "years"),
      1,
      "loan[inputs(amount rate) results(years payment) total_card(total)] items[item_list price_chart]",
    );
    check(
      one("field", "payment"),
      -1,
      "loan[inputs(amount rate years payment) results total_card(total)] items[item_list price_chart]",
    );
    check(
      one("component", "total_card"),
      1,
      "loan[inputs(amount rate years) results(payment)] items[total_card(total) item_list price_chart]",
    );
    check(
      one("component", "item_list"),
      -1,
      "loan[inputs(amount rate years) results(payment) total_card(total) item_list] items[price_chart]",
    );
  });
  test("at the very ends nothing happens", () => {
    for (const [selection, by] of [
      [one("screen", "loan"), -1],
      [one("screen", "items"), 1],
      [one("component", "inputs"), -1],
      [one("field", "amount"), -1],
      [one("field", "payment"), 1],
      [one("field", "total"), 1],
      [{ kind: "app" }, 1],
    ] as [Selection, -1 | 1][]) {
      const before = definition();
      expect(moveBy(before, selection, by)).toBe(before);
    }
  });
});

describe("dropping", () => {
  test("the index counts with the item in its old place", () => {
    const into = (index: number) =>
      shape(move(definition(), one("field", "amount"), { parent: one("component", "inputs"), index }));
    expect(into(0)).toBe(START);
    expect(into(1)).toBe(START);
    expect(into(2)).toBe(START.replace("amount rate years", "rate amount years"));
    expect(into(3)).toBe(START.replace("amount rate years", "rate years amount"));
  });
  test("what does not fit stays", () => {
    const before = definition();
    expect(move(before, one("field", "amount"), { parent: one("screen", "items"), index: 0 })).toBe(before);
    expect(move(before, one("field", "amount"), { parent: one("component", "item_list"), index: 0 })).toBe(
      before,
    );
    expect(move(before, one("component", "inputs"), { parent: one("screen", "nowhere"), index: 0 })).toBe(
      before,
    );
    expect(move(before, one("screen", "loan"), { parent: one("screen", "items"), index: 0 })).toBe(before);
  });
});

describe("removing", () => {
  test("a card goes with its field", () =>
    expect(shape(remove(definition(), one("field", "total")))).toBe(START.replace(" total_card(total)", "")));
  test("the last screen stays", () => {
    const left = remove(definition(), one("screen", "items"));
    expect(left.screens).toHaveLength(1);
    expect(left.tables, "tables nobody shows go").toEqual([]);
    expect(remove(left, one("screen", "loan"))).toBe(left);
  });
  test("a table stays while a chart still reads it", () => {
    const withoutList = remove(definition(), one("component", "item_list"));
    expect(withoutList.tables).toHaveLength(1);
    expect(remove(withoutList, one("component", "price_chart")).tables).toEqual([]);
  });
});

describe("changing", () => {
  test("a property can be taken away", () => {
    const named = updateField(definition(), "amount", { unit: "EUR", help: "How much" });
    expect(place(named, one("field", "amount"))?.field).toMatchObject({ unit: "EUR", help: "How much" });
    expect(
      place(updateField(named, "amount", { unit: undefined }), one("field", "amount"))?.field,
    ).not.toHaveProperty("unit");
  });
  test("an unknown id changes nothing", () => {
    const before = definition();
    expect(updateField(before, "nobody", { unit: "EUR" })).toBe(before);
    expect(updateScreen(before, "nobody", { title: "x" })).toBe(before);
    expect(rename(before, one("component", "item_list"), "x")).toBe(before);
  });
  test("names go where people read them", () => {
    expect(
      rename(definition(), one("component", "total_card"), "All").screens[0]?.components[2],
    ).toMatchObject({ field: { label: "All" } });
    expect(rename(definition(), one("screen", "loan"), "Credit").screens[0]?.title).toBe("Credit");
    expect(rename(definition(), { kind: "table", id: "stock" }, "Store").tables[0]?.title).toBe("Store");
  });
  test("adding", () => {
    expect(shape(addField(definition(), "results", field("extra", "B10"), 0))).toContain(
      "results(extra payment)",
    );
    expect(shape(addComponent(definition(), "items", { type: "text", id: "note", text: "" }))).toContain(
      "price_chart note]",
    );
  });
});

test("fresh ids are readable, valid and new", () => {
  const check = (words: string, expected: string) => expect(freshId(definition(), words)).toBe(expected);
  check("Größe (m²)", "groesse_m2");
  check("amount", "amount_2");
  check("2. Zahl", "zahl");
  check("…", "item");
  check("合計", "item");
  check("x".repeat(80), "x".repeat(32));
});
