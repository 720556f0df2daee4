// From the console's form to an address of the service, and what a typed address means.
// Invariant: nothing but this app's service is ever asked, and values never leave their quotes.
import { parseDate, parseDateTime, parseTime } from "$lib/values/date";
import { parseNumber } from "$lib/values/number";
import type { EntitySet, Operation, Property } from "./metadata";

export const comparisons = [
  "eq",
  "ne",
  "gt",
  "ge",
  "lt",
  "le",
  "contains",
  "startswith",
  "empty",
  "filled",
] as const;
export type Comparison = (typeof comparisons)[number];

export interface Condition {
  property: string;
  comparison: Comparison;
  /** As it was typed. */
  value: string;
}

export interface SetQuery {
  select: readonly string[];
  conditions: readonly Condition[];
  orderBy: string;
  descending: boolean;
  /** As it was typed; everything when blank. */
  top: string;
}

/** The comparisons that make sense for a property. */
export function comparisonsFor({ type, nullable, collection }: Property): readonly Comparison[] {
  if (collection) return [];
  const textual = type === "Edm.String";
  const ordered =
    /^Edm\.(String|Byte|SByte|U?Int\d+|Decimal|Double|Single|Date|TimeOfDay|DateTimeOffset)$/.test(type);
  return comparisons.filter((one) => {
    if (one === "empty" || one === "filled") return nullable;
    if (one === "contains" || one === "startswith") return textual;
    return one === "eq" || one === "ne" || ordered;
  });
}

/** A typed value as a literal of the URL, or undefined when it is none of its type. */
export function literal(typed: string, type: string, locale: string): string | undefined {
  const trimmed = typed.trim();
  switch (type) {
    case "Edm.String":
      return `'${typed.replaceAll("'", "''")}'`;
    case "Edm.Boolean":
      return /^(true|false)$/.test(trimmed) ? trimmed : undefined;
    case "Edm.Guid":
      return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(trimmed) ? trimmed : undefined;
    case "Edm.Byte":
    case "Edm.SByte":
    case "Edm.Int16":
    case "Edm.Int32":
    case "Edm.Int64": {
      const number = parseNumber(trimmed, locale);
      return number === undefined || number.includes(".") ? undefined : number;
    }
    case "Edm.Decimal":
    case "Edm.Double":
    case "Edm.Single":
      return parseNumber(trimmed, locale);
    case "Edm.Date":
      return parseDate(trimmed, locale);
    case "Edm.TimeOfDay":
      return parseTime(trimmed);
    case "Edm.DateTimeOffset": {
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(trimmed)) return trimmed;
      const moment = parseDateTime(trimmed, locale);
      return moment && `${moment}Z`;
    }
    default:
      return type.startsWith("Edm.") || !trimmed ? undefined : `'${trimmed.replaceAll("'", "''")}'`;
  }
}

/** One condition as `$filter` has it; undefined when its value is none. */
export function condition(one: Condition, property: Property, locale: string): string | undefined {
  if (one.comparison === "empty") return `${one.property} eq null`;
  if (one.comparison === "filled") return `${one.property} ne null`;
  const value = literal(one.value, property.type, locale);
  if (value === undefined) return undefined;
  if (one.comparison === "contains" || one.comparison === "startswith")
    return `${one.comparison}(${one.property},${value})`;
  return `${one.property} ${one.comparison} ${value}`;
}

/** Where a set's query leads, readable: only what would change its meaning is escaped. */
export function setAddress(set: EntitySet, query: SetQuery, locale: string): string {
  const options: string[] = [];
  if (query.select.length > 0) options.push(`$select=${query.select.join(",")}`);
  const filters = query.conditions.flatMap((one) => {
    const property = set.properties.find(({ name }) => name === one.property);
    const text = property && condition(one, property, locale);
    return text === undefined ? [] : [text];
  });
  if (filters.length > 0) options.push(`$filter=${escaped(filters.join(" and "))}`);
  if (query.orderBy) options.push(`$orderby=${query.orderBy}${query.descending ? " desc" : ""}`);
  if (/^\d+$/.test(query.top.trim())) options.push(`$top=${query.top.trim()}`);
  return options.length > 0 ? `${set.url}?${options.join("&")}` : set.url;
}

/** Where a function with these arguments leads; blank ones are left to the app. */
export function callAddress(
  operation: Operation,
  values: Readonly<Record<string, string>>,
  locale: string,
): string {
  const given = operation.parameters.flatMap(({ name, type }) => {
    const typed = values[name] ?? "";
    const value = typed.trim() ? literal(typed, type, locale) : undefined;
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value).replaceAll("%20", " ")}`];
  });
  return `${operation.url}(${given.join(",")})`;
}

const escaped = (text: string) => text.replace(/[%&#+]/g, encodeURIComponent);

/** The whole address of what was typed, or undefined when it leads out of the service. */
export function resolve(typed: string, service: string): URL | undefined {
  const trimmed = typed.trim();
  // A colon in front of any slash would make a scheme of it.
  const text = /^https?:/i.test(trimmed) ? trimmed : `./${trimmed.replace(/^\/+/, "")}`;
  try {
    const url = new URL(text, service);
    const root = new URL(service);
    return url.origin === root.origin && url.pathname.startsWith(root.pathname) ? url : undefined;
  } catch {
    return undefined;
  }
}
