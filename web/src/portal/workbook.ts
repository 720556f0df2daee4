// What the engine and the server tell of a workbook's structure, as the portal reads it.
import type { Outline as Told } from "$lib/api/types";
import type { CellShown } from "$lib/engine/types";

/** A cell as the engine shows it. */
export type SheetCell = CellShown;

/** A sheet's extent; hidden ones are part of the workbook and travel with it. */
export interface OutlineSheet {
  name: string;
  hidden: boolean;
  rows: number;
  columns: number;
  formulas: number;
}

/** Where a name or a table is, in A1 notation. */
interface Place {
  name: string;
  sheet: string;
  range: string;
}

export interface Outline {
  sheets: OutlineSheet[];
  /** Names that stand for cells. */
  names: Place[];
  /** Tables with their headers and totals. */
  tables: Place[];
}

/** Reads an outline. */
export function outlineOf({ sheets, places }: Told): Outline {
  const place = ({ name, sheet, range }: Place) => ({ name, sheet, range });
  return {
    sheets: sheets.map(({ name, visibility, rows, columns, formulas }) => {
      return { name, hidden: visibility !== "visible", rows, columns, formulas };
    }),
    names: places.filter((one) => !one.table).map(place),
    tables: places.filter((one) => one.table).map(place),
  };
}
