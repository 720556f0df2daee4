// Icons of the portal's own controls; the shared ones are in lib/icons/ui.

export const grip = "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01";
export const redo = "M19.5 9.5h-10a5 5 0 0 0 0 10H15M15.5 5.5l4 4-4 4";
export const phone = "M7 3h10v18H7zM11 18h2";
export const tablet = "M4 4h16v16H4zM11 17h2";
export const people =
  "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M3 19.5c0-3 2.7-5 6-5s6 2 6 5M16 5.4a3.2 3.2 0 0 1 0 5.8M18 15c1.8.8 3 2.4 3 4.5";
export const globe =
  "M3.5 12h17M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 3.5c-5 5.5-5 11.5 0 17M12 3.5c5 5.5 5 11.5 0 17";
export const history = "M4 12a8 8 0 1 0 2.4-5.7L4 8.5M4 4.5v4h4M12 8v4.5l3 1.5";
export const compare = "M12 3.5v17M4 7h5M4 12h5M4 17h5M15 7h5M15 12h5M15 17h5";
export const signOut = "M14 4H5v16h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5";
export const person =
  "M12 11.5a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2M4.5 20c0-3.4 3.2-5.5 7.5-5.5s7.5 2.1 7.5 5.5";
export const target = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M12 9.5v5M9.5 12h5";
export const section = "M4 4h16v16H4zM7.5 8.5h5M7.5 12.5h9M7.5 16.5h9";
export const text = "M5 6.5V5h14v1.5M12 5v14M9.5 19h5";
export const input = "M3.5 8h17v8h-17zM7 10.5v3";
export const figure = "M4 5h16v14H4zM8 9.5h3M8 14.5h8";
export const grid = "M3.5 5h17v14h-17zM3.5 9.7h17M3.5 14.3h17M10 5v14M15.5 5v14";
export const replace = "M4 9.5a8 8 0 0 1 14-3l2 2M20 4.5v4h-4M20 14.5a8 8 0 0 1-14 3l-2-2M4 19.5v-4h4";
export const sliders = "M4 7h7M16 7h4M13.5 4.5v5M4 17h3M12 17h8M9.5 14.5v5";
