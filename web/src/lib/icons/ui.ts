// Icons of the controls; each its own constant, so that an entry carries only those it uses.

export const add = "M12 5v14M5 12h14";
export const back = "M14.5 5.5 8 12l6.5 6.5";
export const bars = "M4 7h16M4 12h16M4 17h16";
export const camera = "M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 10a3 3 0 1 0 0 6 3 3 0 0 0 0-6";
export const clip =
  "M8 12.5l6-6a3.2 3.2 0 0 1 4.5 4.5l-7.5 7.5a5 5 0 0 1-7-7L11.5 4M8 12.5a1.4 1.4 0 0 0 2 2l5-5";
export const close = "M6 6l12 12M18 6 6 18";
export const copy = "M9 9h11v11H9zM15 9V4H4v11h5";
export const dark = "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10";
export const down = "M5.5 9.5 12 16l6.5-6.5";
export const download = "M12 4v11M7 10.5l5 5 5-5M4.5 20h15";
export const edit = "M4 20h4L19 9l-4-4L4 16zM13 7l4 4";
export const external = "M13 4h7v7M20 4l-9.5 9.5M18 14v6H4V6h6";
export const eye =
  "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5";
export const file = "M6 3h8l4 4v14H6zM14 3v4h4";
export const filter = "M4 6h16M7 12h10M10 18h4";
export const forward = "M9.5 5.5 16 12l-6.5 6.5";
export const info = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v5M12 8h.01";
export const language =
  "M3.5 12h17M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 3.5c-5 5.5-5 11.5 0 17M12 3.5c5 5.5 5 11.5 0 17";
export const light =
  "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4";
export const link =
  "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1";
export const lock = "M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3";
export const more = "M12 5.5h.01M12 12h.01M12 18.5h.01";
export const remove = "M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5";
export const reset = "M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4.5 12V7.5M4.5 12H9";
export const save = "M6 3.5h12V21l-6-4-6 4z";
export const search = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20.5 20.5";
export const sort = "M8 4.5v15M4.5 16 8 19.5l3.5-3.5M16 19.5v-15M12.5 8 16 4.5 19.5 8";
export const tick = "M4.5 12.5l5 5L19.5 7";
export const undo = "M4.5 9.5h10a5 5 0 0 1 0 10H9M8.5 5.5l-4 4 4 4";
export const up = "M5.5 14.5 12 8l6.5 6.5";
export const upload = "M12 20V9M7 13.5l5-5 5 5M4.5 4h15";
export const warning = "M12 4 2.5 20h19zM12 10v4.5M12 17.3h.01";
