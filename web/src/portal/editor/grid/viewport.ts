// Which part of a sheet is on screen: the arithmetic behind the virtual grid.
// Invariant: rows and columns count from 1; pixels from the top left corner of the cells, headers apart.

export const ROW_HEIGHT = 28;
export const MIN_WIDTH = 56;
export const MAX_WIDTH = 264;
export const DEFAULT_WIDTH = 88;

/** Widths of columns as running sums: `offsets[n]` is where column n + 1 begins; the last is the total. */
export type Offsets = readonly number[];

/** Where columns begin, by their widths. */
export function offsets(widths: readonly number[]): Offsets {
  const sums = [0];
  for (const width of widths) sums.push((sums.at(-1) ?? 0) + width);
  return sums;
}

/** The column at a pixel: the last one that begins at or before it. */
export function columnAt(sums: Offsets, pixel: number): number {
  let low = 0;
  let high = sums.length - 2;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sums[middle] ?? 0) <= pixel) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** The cells to draw: what is seen and `spare` rows and columns around it. */
export interface Window {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface View {
  scrollTop: number;
  scrollLeft: number;
  width: number;
  height: number;
}

/** The cells within a view of a sheet with `rows` rows. */
export function visible(view: View, rows: number, sums: Offsets, spare = 4): Window {
  const columns = sums.length - 1;
  const bound = (value: number, most: number) => Math.max(1, Math.min(value, most));
  return {
    top: bound(Math.floor(view.scrollTop / ROW_HEIGHT) + 1 - spare, rows),
    bottom: bound(Math.ceil((view.scrollTop + view.height) / ROW_HEIGHT) + spare, rows),
    left: bound(columnAt(sums, view.scrollLeft) - 1, columns),
    right: bound(columnAt(sums, view.scrollLeft + view.width) + 1, columns),
  };
}

/** The scroll position that brings a cell into view with the least movement. */
export function reveal(
  view: View,
  sums: Offsets,
  row: number,
  column: number,
): { scrollTop: number; scrollLeft: number } {
  const fit = (position: number, start: number, end: number, size: number) => {
    if (start < position || end - start > size) return start;
    return end > position + size ? end - size : position;
  };
  const left = sums[column - 1] ?? 0;
  return {
    scrollTop: fit(view.scrollTop, (row - 1) * ROW_HEIGHT, row * ROW_HEIGHT, view.height),
    scrollLeft: fit(view.scrollLeft, left, sums[column] ?? left, view.width),
  };
}

/** Widths that show the texts of the cells given; columns without text get the usual width. */
export function widths(columns: number, cells: readonly { column: number; text: string }[]): number[] {
  const result = Array.from({ length: columns }, () => 0);
  for (const { column, text } of cells) {
    const wanted = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Math.round(text.length * 7.6) + 16));
    if (column <= columns) result[column - 1] = Math.max(result[column - 1] ?? 0, wanted);
  }
  return result.map((width) => width || DEFAULT_WIDTH);
}

/** Blocks of a sheet are fetched whole, so that scrolling by a row asks for nothing. */
export const BLOCK_ROWS = 64;
export const BLOCK_COLUMNS = 32;

/** The blocks that cover a window, as their top left cells. */
export function blocks(window: Window): { top: number; left: number }[] {
  const start = (value: number, size: number) => Math.floor((value - 1) / size) * size + 1;
  const found = [];
  for (let top = start(window.top, BLOCK_ROWS); top <= window.bottom; top += BLOCK_ROWS)
    for (let left = start(window.left, BLOCK_COLUMNS); left <= window.right; left += BLOCK_COLUMNS)
      found.push({ top, left });
  return found;
}

/** Where a key moves the active cell; undefined when the key is not for moving. */
export function moved(
  key: string,
  at: { row: number; column: number },
  rows: number,
  columns: number,
  page: number,
  far: boolean,
): { row: number; column: number } | undefined {
  const to = (row: number, column: number) => ({
    row: Math.max(1, Math.min(row, rows)),
    column: Math.max(1, Math.min(column, columns)),
  });
  switch (key) {
    case "ArrowUp":
      return to(far ? 1 : at.row - 1, at.column);
    case "ArrowDown":
      return to(far ? rows : at.row + 1, at.column);
    case "ArrowLeft":
      return to(at.row, far ? 1 : at.column - 1);
    case "ArrowRight":
      return to(at.row, far ? columns : at.column + 1);
    case "PageUp":
      return to(at.row - page, at.column);
    case "PageDown":
      return to(at.row + page, at.column);
    case "Home":
      return to(far ? 1 : at.row, 1);
    case "End":
      return to(far ? rows : at.row, columns);
    default:
      return undefined;
  }
}
