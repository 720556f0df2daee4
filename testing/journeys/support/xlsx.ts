// Reads an exported .xlsx back, by other means than the ones that wrote it: zip and XML, cell by cell.
import { readFile } from "node:fs/promises";
import { strFromU8, unzipSync } from "fflate";

/** A cell as the file has it: its value (text, number, boolean or nothing) and its formula. */
export type Cell = { value: string | number | boolean | null; formula: string | null };

/** The cells of a workbook by sheet name and address. */
export type Workbook = Map<string, Map<string, Cell>>;

/** Reads a workbook. */
export async function readWorkbook(path: string): Promise<Workbook> {
  const parts = unzipSync(new Uint8Array(await readFile(path)));
  const part = (name: string) => {
    const bytes = parts[name];
    if (!bytes) throw new Error(`${path} has no part ${name}`);
    return strFromU8(bytes);
  };
  const shared = parts["xl/sharedStrings.xml"] ? texts(part("xl/sharedStrings.xml")) : [];
  const targets = new Map<string, string>();
  for (const tag of part("xl/_rels/workbook.xml.rels").match(/<Relationship\b[^>]*>/g) ?? []) {
    targets.set(attribute(tag, "Id") ?? "", (attribute(tag, "Target") ?? "").replace(/^\/?(xl\/)?/, "xl/"));
  }
  const workbook: Workbook = new Map();
  for (const tag of part("xl/workbook.xml").match(/<sheet\b[^>]*>/g) ?? []) {
    const target = targets.get(attribute(tag, "r:id") ?? "");
    if (target) workbook.set(plain(attribute(tag, "name") ?? ""), cells(part(target), shared));
  }
  return workbook;
}

/** A cell of a workbook; blank when the file has none there. */
export function cell(workbook: Workbook, sheet: string, address: string): Cell {
  const found = workbook.get(sheet);
  if (!found) throw new Error(`no sheet ${sheet} among ${[...workbook.keys()].join(", ")}`);
  return found.get(address) ?? { value: null, formula: null };
}

function cells(xml: string, shared: string[]): Map<string, Cell> {
  const found = new Map<string, Cell>();
  for (const [, attributes = "", body = ""] of xml.matchAll(/<c\b([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
    const address = attribute(attributes, "r");
    const raw = /<v\b[^>]*>(.*?)<\/v>/s.exec(body)?.[1];
    const formula = /<f\b[^>]*>(.*?)<\/f>/s.exec(body)?.[1];
    const value = cellValue(attribute(attributes, "t"), raw, body, shared);
    if (address) found.set(address, { value, formula: formula === undefined ? null : plain(formula) });
  }
  return found;
}

function cellValue(type: string | undefined, raw: string | undefined, body: string, shared: string[]): Cell["value"] {
  if (type === "inlineStr") return texts(`<si>${body}</si>`)[0] ?? "";
  if (raw === undefined) return null;
  if (type === "s") return shared[Number(raw)] ?? null;
  if (type === "b") return raw === "1";
  if (type === "str" || type === "e" || type === "d") return plain(raw);
  return Number(raw);
}

function texts(xml: string): string[] {
  return [...xml.matchAll(/<si\b[^>]*?(?:\/>|>(.*?)<\/si>)/gs)].map(([, item = ""]) =>
    [...item.matchAll(/<t\b[^>]*?(?:\/>|>(.*?)<\/t>)/gs)].map(([, text = ""]) => plain(text)).join(""),
  );
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1];
}

function plain(xml: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
  return xml.replace(/&(#x?)?(\w+);/g, (whole, code: string | undefined, word: string) => {
    if (code === undefined) return named[word] ?? whole;
    return String.fromCodePoint(Number.parseInt(word, code === "#x" ? 16 : 10));
  });
}
