// Programs that others have written, against the real server: what they send is what they send.
// Invariant: no test sleeps; each waits for what its client waits for.
import { defineConfig } from "@playwright/test";

// The machine's network ends at its package registries: what Chromium asks for by itself would be refused, many times over.
const quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"];

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // Only what never comes fails: on a busy machine what takes seconds has taken a minute.
  timeout: 120_000,
  expect: { timeout: 45_000 },
  reporter: process.env["GRIDKEEP_PLAYWRIGHT_REPORT"]
    ? [["list"], ["json", { outputFile: process.env["GRIDKEEP_PLAYWRIGHT_REPORT"] }]]
    : [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env["GRIDKEEP_CHROMIUM"] ?? "/usr/bin/chromium",
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--disable-gpu", "--disable-sync", ...quiet],
    },
  },
});
