import { expect, test } from "vitest";
import { definition, field, outline } from "../editor/state/sample";
import { HEIGHT, WIDTH, schematic, type Shape } from "./schematic";
import { summary } from "./summary";

const bottom = (shape: Shape) =>
  shape.shape === "box" || shape.shape === "chart" ? shape.y + shape.height : shape.y;
const texts = (shapes: Shape[]) => shapes.flatMap((shape) => (shape.shape === "text" ? [shape.text] : []));

test("the picture shows the app's own words", () => {
  expect(texts(schematic(definition()))).toEqual([
    "Loan",
    "Inputs",
    "amount",
    "rate",
    "years",
    "Results",
    "payment",
    "total",
  ]);
});

test("nothing leaves the screen, however much there is", () => {
  const app = definition();
  for (const screen of app.screens) {
    const crowded = { ...app, name: "x".repeat(200), screens: [screen] };
    screen.components.push(...screen.components, ...screen.components);
    screen.components.unshift({
      type: "fields",
      id: "many",
      title: "Many",
      fields: Array.from({ length: 40 }, () => field("y".repeat(90), "A1")),
    });
    for (const shape of schematic(crowded)) {
      expect(bottom(shape)).toBeLessThanOrEqual(HEIGHT);
      if (shape.shape === "box") expect(shape.x + shape.width).toBeLessThanOrEqual(WIDTH);
      if (shape.shape === "text") expect([...shape.text].length).toBeLessThanOrEqual(32);
    }
  }
  expect(schematic({ ...app, screens: [] })).toEqual([]);
});

test("the summary counts what people get", () => {
  expect(summary(definition(), outline)).toEqual({ inputs: 3, results: 2, charts: 1, tables: 1, rows: 8 });
});
