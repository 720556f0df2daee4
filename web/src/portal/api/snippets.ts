// The app in the words of other programs: its own address, its own names.
// Invariant: no snippet ever holds a key; each says where the key goes.
import { literal } from "./query";
import type { Operation, Property, Resource } from "./metadata";

/** A value that a parameter certainly takes: within its bounds, one of its choices. */
export function example(property: Property): string | undefined {
  if (property.choices[0] !== undefined) return literal(property.choices[0], property.type, "en");
  const [minimum, maximum] = [Number(property.minimum ?? NaN), Number(property.maximum ?? NaN)];
  switch (property.type) {
    case "Edm.String":
      return "'text'";
    case "Edm.Boolean":
      return "true";
    case "Edm.Date":
      return "2026-01-31";
    case "Edm.TimeOfDay":
      return "08:30:00";
    case "Edm.Byte":
    case "Edm.Int16":
    case "Edm.Int32":
    case "Edm.Int64":
    case "Edm.Decimal":
    case "Edm.Double":
    case "Edm.Single":
      return String(10 >= minimum || Number.isNaN(minimum) ? (10 > maximum ? maximum : 10) : minimum);
    default:
      return undefined;
  }
}

/** A call with its first parameter, and all that may not be left out. */
export function exampleCall(operation: Operation): string {
  const given = operation.parameters.flatMap((parameter, index) => {
    const value = index === 0 || !parameter.optional ? example(parameter) : undefined;
    return value === undefined ? [] : [`${parameter.name}=${encodeURIComponent(value)}`];
  });
  return `${operation.url}(${given.join(",")})`;
}

/** A first question to a resource. */
export function exampleAddress(resource: Resource): string {
  if (resource.kind !== "set") return exampleCall(resource);
  return resource.single ? resource.url : `${resource.url}?$top=10`;
}

/** For Excel's and Power BI's advanced editor. */
export function powerQuery(service: string, resource: Resource): string {
  if (resource.kind !== "set" || resource.single) {
    const address = JSON.stringify(service + exampleAddress(resource));
    return `let\n    Answer = Json.Document(Web.Contents(${address}, [Headers = [Accept = "application/json"]])),\n    Result = Record.ToTable(Answer)\nin\n    Result`;
  }
  return `let
    Source = OData.Feed(${JSON.stringify(service)}, null, [Implementation = "2.0"]),
    ${resource.name}_table = Source{[Name = ${JSON.stringify(resource.name)}, Signature = "table"]}[Data]
in
    ${resource.name}_table`;
}

/** For a shell; the key comes from its environment. */
export function curl(address: string): string {
  return `curl --header "Authorization: Bearer $GRIDKEEP_KEY" \\\n  ${quoted(address)}`;
}

/** In single quotes a shell leaves everything as it is. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** For Node, Deno, Bun and whatever else has `fetch`. */
export function typescript(service: string, resource: Resource): string {
  const many = resource.kind === "set" && !resource.single;
  const parts = resource.kind === "set" ? resource.properties : resource.result;
  const name = typeName(resource.kind === "set" ? resource.name : `${resource.name}Result`);
  const lines = parts.map((part) => `  ${part.name}: ${typeOf(part)};`);
  return `const service = ${JSON.stringify(service)};
const key = process.env.GRIDKEEP_KEY;

interface ${name} {
${lines.join("\n")}
}

const response = await fetch(service + ${JSON.stringify(exampleAddress(resource))}, {
  headers: { Authorization: \`Bearer \${key}\` },
});
if (!response.ok) throw new Error(\`\${response.status}: \${await response.text()}\`);
${many ? `const { value } = (await response.json()) as { value: ${name}[] };\nconsole.table(value);` : `const result = (await response.json()) as ${name};\nconsole.log(result);`}`;
}

/** Names of the model are identifiers already; one that is no word of TypeScript's stays as it is. */
const typeName = (name: string) => `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;

function typeOf({ type, nullable, collection }: Property): string {
  let text = "unknown";
  if (type === "Edm.Boolean") text = "boolean";
  else if (/^Edm\.(Byte|SByte|Int\d+|Decimal|Double|Single)$/.test(type)) text = "number";
  else if (/^Edm\.(String|Guid|Date|TimeOfDay|DateTimeOffset|Duration|Binary)$/.test(type)) text = "string";
  if (collection) text = `${text}[]`;
  return nullable ? `${text} | null` : text;
}
