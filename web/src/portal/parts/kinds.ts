// Words and icons for the kinds of screens, components and values.
import type { Component, FieldKind, Screen } from "$lib/api/types";
import { m } from "../m";
import * as icons from "./icons";
import { appIcons } from "$lib/icons/app";

/** Icons of screen kinds, by the names that definitions use. */
export const kindIcons = {
  calculator: "calculator",
  list: "list",
  form: "form",
  dashboard: "chart",
} as const;

export function kindName(kind: Screen["kind"]): string {
  return { calculator: m.kind_calculator, list: m.kind_list, form: m.kind_form, dashboard: m.kind_dashboard }[
    kind
  ]();
}

/** Icons of components, as paths. */
export const componentIcons: Readonly<Record<Component["type"], string>> = {
  fields: icons.section,
  grid: icons.grid,
  card: icons.figure,
  chart: appIcons["chart"] ?? "",
  list: appIcons["list"] ?? "",
  form: appIcons["form"] ?? "",
  text: icons.text,
};

export function componentName(type: Component["type"]): string {
  const names = {
    fields: m.component_fields,
    grid: m.component_grid,
    card: m.component_card,
    chart: m.component_chart,
    list: m.component_list,
    form: m.component_form,
    text: m.component_text,
  };
  return names[type]();
}

export const fieldKinds: readonly FieldKind[] = [
  "number",
  "integer",
  "currency",
  "percent",
  "text",
  "longText",
  "boolean",
  "date",
  "time",
  "dateTime",
  "choice",
  "file",
];

export function fieldKindName(kind: FieldKind): string {
  const names = {
    number: m.value_number,
    integer: m.value_integer,
    currency: m.value_currency,
    percent: m.value_percent,
    text: m.value_text,
    longText: m.value_long_text,
    boolean: m.value_boolean,
    date: m.value_date,
    time: m.value_time,
    dateTime: m.value_date_time,
    choice: m.value_choice,
    file: m.value_file,
  };
  return names[kind]();
}
