// The journeys' settings, for the pictures of walk-throughs.
import journeys from "./playwright.config.ts";

export default { ...journeys, testDir: "pictures", workers: 1, projects: [{ name: "sqlite" }] };
