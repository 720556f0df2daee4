// Icons that an app definition may name. Outlines on a 24 × 24 grid, drawn with a stroke of the text's colour.

/** Path data by name. */
export const appIcons: Readonly<Record<string, string>> = {
  calculator: "M5 3h14v18H5zM8 6.5h8v3H8zM8.5 13h.01M12 13h.01M15.5 13h.01M8.5 17h.01M12 17h.01M15.5 17h.01",
  list: "M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.01M4 12h.01M4 18h.01",
  form: "M5 3h14v18H5zM8.5 8h7M8.5 12h7M8.5 16h3.5",
  chart: "M4 3v17h17M8.5 16v-4M13 16V8M17.5 16v-6",
  table: "M3.5 5h17v14h-17zM3.5 9.7h17M3.5 14.3h17M10 5v14",
  money: "M3 6h18v12H3zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M6 12h.01M18 12h.01",
  calendar: "M4 5.5h16V20H4zM4 10h16M8.5 3v4M15.5 3v4",
  box: "M12 3l8 4.2v9.6L12 21l-8-4.2V7.2zM4.2 7.3 12 11.5l7.8-4.2M12 11.5V21",
  people:
    "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M3 19.5c0-3 2.7-5 6-5s6 2 6 5M16 5.4a3.2 3.2 0 0 1 0 5.8M18 15c1.8.8 3 2.4 3 4.5",
  check: "M4 4h16v16H4zM8 12.3l2.8 2.8L16 9.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
  star: "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.8L12 16.8l-5.2 2.8 1-5.8-4.3-4.1 5.9-.8z",
  map: "M12 21s7-6.2 7-11.3A7 7 0 0 0 5 9.7C5 14.8 12 21 12 21M12 12a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 12 12",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M5.6 18.4l1.8-1.8M16.6 7.4l1.8-1.8",
};

/** The names, in the order a picker shows them. */
export const appIconNames = Object.keys(appIcons);
