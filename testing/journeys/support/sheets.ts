// Writes a small .xlsx for journeys that need another workbook than the samples.
import { strToU8, zipSync } from "fflate";

/** A cell: text, a number, or a formula that begins with `=`. */
export type Typed = string | number;

/** A workbook of these sheets, each of rows from A1 on. */
export function xlsx(sheets: Record<string, Typed[][]>): Buffer {
  const names = Object.keys(sheets);
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const packaged = "http://schemas.openxmlformats.org/package/2006";
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const each = (write: (name: string, number: number) => string) => names.map((name, at) => write(name, at + 1)).join("");
  const parts: Record<string, string> = {
    "[Content_Types].xml": `<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/>${each(
      (_, at) => `<Override PartName="/xl/sheet${at}.xml" ContentType="${type}.worksheet+xml"/>`,
    )}</Types>`,
    "_rels/.rels": `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${each(
      (name, at) => `<sheet name="${plain(name)}" sheetId="${at}" r:id="r${at}"/>`,
    )}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${packaged}/relationships">${each(
      (_, at) => `<Relationship Id="r${at}" Type="${relations}/worksheet" Target="sheet${at}.xml"/>`,
    )}</Relationships>`,
  };
  Object.values(sheets).forEach((rows, at) => {
    const data = rows.map((row, y) => `<row r="${y + 1}">${row.map((value, x) => cell(value, x, y + 1)).join("")}</row>`);
    parts[`xl/sheet${at + 1}.xml`] = `<worksheet xmlns="${main}"><sheetData>${data.join("")}</sheetData></worksheet>`;
  });
  return Buffer.from(zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)]))));
}

/** Columns A to Z are enough here. */
function cell(value: Typed, column: number, row: number): string {
  const at = `${String.fromCharCode(65 + column)}${row}`;
  if (typeof value === "number") return `<c r="${at}"><v>${value}</v></c>`;
  if (value.startsWith("=")) return `<c r="${at}"><f>${plain(value.slice(1))}</f></c>`;
  return `<c r="${at}" t="inlineStr"><is><t>${plain(value)}</t></is></c>`;
}

function plain(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
