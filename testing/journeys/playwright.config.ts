// Journeys: a person's way through the real server, the real pages and the real engine, in Debian's Chromium.
// Invariant: no journey sleeps; it waits for what the person would wait for.
import { defineConfig } from "@playwright/test";

// The machine's network ends at its package registries: what Chromium asks for by itself would be refused, many times over.
const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"];

const postgresql = process.env["GRIDKEEP_TEST_POSTGRES"];

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  forbidOnly: true,
  fullyParallel: true,
  workers: process.env["CI"] ? 2 : 3,
  // Only what never comes fails: on a busy machine a journey of ten seconds has taken a minute.
  timeout: 180_000,
  expect: { timeout: 45_000 },
  reporter: process.env["GRIDKEEP_PLAYWRIGHT_REPORT"]
    ? [["list"], ["json", { outputFile: process.env["GRIDKEEP_PLAYWRIGHT_REPORT"] }]]
    : [["list"]],
  // Everything on the embedded database; what works with rows on PostgreSQL too, where the tests have one; and there alone what
  // turns back the time of something, since the embedded one is encrypted and its server's only.
  projects: [
    { name: "sqlite", testIgnore: /resend\.spec\.ts/ },
    ...(postgresql
      ? [{ name: "postgresql", testMatch: /(calculator|resend|rows)\.spec\.ts/, metadata: { postgresql } }]
      : []),
  ],
  use: {
    actionTimeout: 45_000,
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env["GRIDKEEP_CHROMIUM"] ?? "/usr/bin/chromium",
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--disable-gpu", "--disable-sync", ...quiet],
    },
  },
});
