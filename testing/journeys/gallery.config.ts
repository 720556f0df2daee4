// The journeys' settings, for the pictures of the gallery.
import journeys from "./playwright.config.ts";

export default { ...journeys, testDir: "gallery", workers: 2, projects: [{ name: "sqlite" }] };
