// What a service says of itself: service document and CSDL JSON, read into what people and the console need.
// Invariant: what the metadata does not say is not claimed; what is not understood is shown by its own name.
import type { Json } from "$lib/api/types";

/** A column, a parameter or a part of a result. */
export interface Property {
  name: string;
  /** What people call it. */
  title: string;
  /** Without the namespace for the service's own types: `Edm.Int64`, `Colour`. */
  type: string;
  collection: boolean;
  nullable: boolean;
  scale?: number;
  maxLength?: number;
  minimum?: string;
  maximum?: string;
  unit?: string;
  /** The only values there are. */
  choices: string[];
  key: boolean;
  /** Calculated, never written. */
  computed: boolean;
  /** Given at the beginning and never changed. */
  immutable: boolean;
  /** May be left out, for parameters. */
  optional: boolean;
}

/** What may be done with a set. */
export interface Rights {
  read: boolean;
  insert: boolean;
  update: boolean;
  delete: boolean;
  search: boolean;
}

export interface EntitySet {
  kind: "set";
  name: string;
  title: string;
  /** Behind the service's address. */
  url: string;
  /** One entity rather than many. */
  single: boolean;
  properties: Property[];
  /** Names of navigation properties and the types they lead to. */
  links: { name: string; type: string; many: boolean }[];
  rights: Rights;
}

export interface Operation {
  kind: "function" | "action";
  name: string;
  title: string;
  url: string;
  parameters: Property[];
  /** Empty when it gives nothing. */
  result: Property[];
}

export type Resource = EntitySet | Operation;

type Members = { [key: string]: Json };

export interface ServiceDocument {
  value: { name: string; title?: string; kind?: string; url: string }[];
}

/** Reads what a service offers: the service document in its order, then the actions of its container. */
export function readService(document: ServiceDocument, metadata: Json): Resource[] {
  const schema = members(metadata);
  const container = find(schema, text(schema["$EntityContainer"]));
  const resources: Resource[] = [];
  for (const entry of document.value) {
    const item = members(container[entry.name]);
    const title = entry.title ?? "";
    if (entry.kind === "FunctionImport") {
      const overload = overloads(schema, text(item["$Function"]))[0];
      resources.push(operation(schema, "function", entry.name, entry.url, title, overload ?? {}));
    } else if (entry.kind !== "ServiceDocument")
      resources.push(entitySet(schema, entry.name, entry.url, title, item, entry.kind === "Singleton"));
  }
  for (const [name, value] of Object.entries(container)) {
    const action = text(members(value)["$Action"]);
    if (action)
      resources.push(operation(schema, "action", name, name, "", overloads(schema, action)[0] ?? {}));
  }
  return resources;
}

function entitySet(
  schema: Members,
  name: string,
  url: string,
  title: string,
  set: Members,
  single: boolean,
): EntitySet {
  const type = find(schema, text(set["$Type"]));
  const keys = new Set(list(type["$Key"]).map((key) => text(key)));
  const all = Object.entries(type).filter(([key]) => named(key));
  const kindOf = (value: Json) => text(members(value)["$Kind"]);
  const may = (term: string, property: string) => members(set[`@Capabilities.${term}`])[property] !== false;
  return {
    kind: "set",
    name,
    title: title || described(set) || described(type) || name,
    url,
    single,
    properties: all
      .filter(([, value]) => kindOf(value) === "")
      .map(([key, value]) => ({ ...property(schema, key, members(value)), key: keys.has(key) })),
    links: all
      .filter(([, value]) => kindOf(value) === "NavigationProperty")
      .map(([key, value]) => ({
        name: key,
        type: local(schema, text(members(value)["$Type"])),
        many: members(value)["$Collection"] === true,
      })),
    rights: {
      read: may("ReadRestrictions", "Readable"),
      insert: !single && may("InsertRestrictions", "Insertable"),
      update: may("UpdateRestrictions", "Updatable"),
      delete: !single && may("DeleteRestrictions", "Deletable"),
      search: !single && may("SearchRestrictions", "Searchable"),
    },
  };
}

function operation(
  schema: Members,
  kind: "function" | "action",
  name: string,
  url: string,
  title: string,
  overload: Members,
): Operation {
  const given = overload["$ReturnType"];
  const type = find(schema, text(members(given)["$Type"]));
  const parts = Object.entries(type).filter(([key]) => named(key));
  return {
    kind,
    name,
    title: title || described(overload) || name,
    url,
    parameters: list(overload["$Parameter"]).map((value) => {
      const parameter = members(value);
      return property(schema, text(parameter["$Name"]), parameter);
    }),
    result:
      given === undefined
        ? []
        : text(type["$Kind"]) === "ComplexType" || text(type["$Kind"]) === "EntityType"
          ? parts.map(([key, value]) => property(schema, key, members(value)))
          : [property(schema, "value", members(given))],
  };
}

function property(schema: Members, name: string, of: Members): Property {
  const type = text(of["$Type"]) || "Edm.String";
  const found = find(schema, type);
  const enumeration =
    text(found["$Kind"]) === "EnumType"
      ? Object.keys(found).filter((key) => named(key))
      : list(of["@Validation.AllowedValues"]).map((value) => text(members(value)["Value"]));
  const scale = of["$Scale"];
  const maxLength = of["$MaxLength"];
  const unit = of["@Measures.ISOCurrency"] ?? of["@Measures.Unit"];
  return {
    name,
    title: described(of) || name,
    type: local(schema, type),
    collection: of["$Collection"] === true,
    nullable: of["$Nullable"] === true,
    ...(typeof scale === "number" ? { scale } : {}),
    ...(typeof maxLength === "number" ? { maxLength } : {}),
    ...bound("minimum", of["@Validation.Minimum"]),
    ...bound("maximum", of["@Validation.Maximum"]),
    ...(typeof unit === "string" ? { unit } : {}),
    choices: enumeration.filter((choice) => choice !== ""),
    key: false,
    computed: of["@Core.Computed"] === true,
    immutable: of["@Core.Immutable"] === true,
    optional: of["@Core.OptionalParameter"] !== undefined,
  };
}

const bound = (name: "minimum" | "maximum", value: Json | undefined) =>
  typeof value === "number" || typeof value === "string" ? { [name]: String(value) } : {};

const described = (of: Members) => text(of["@Core.Description"]);

/** `App.Colour` is `Colour` to people; types of others keep their namespace. */
function local(schema: Members, type: string): string {
  const dot = type.lastIndexOf(".");
  return Object.hasOwn(schema, type.slice(0, dot)) ? type.slice(dot + 1) : type;
}

function find(schema: Members, qualified: string): Members {
  const dot = qualified.lastIndexOf(".");
  return members(members(schema[qualified.slice(0, dot)])[qualified.slice(dot + 1)]);
}

function overloads(schema: Members, qualified: string): Members[] {
  const dot = qualified.lastIndexOf(".");
  const all = list(members(schema[qualified.slice(0, dot)])[qualified.slice(dot + 1)]).map(members);
  return all.filter((overload) => overload["$IsBound"] !== true);
}

/** Whether a member is one of the model rather than a facet or an annotation. */
const named = (key: string) => !/[$@]/.test(key);
const members = (value: Json | undefined): Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
