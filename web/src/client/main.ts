// The client entry: language and theme first, then the first screen.
import "$lib/styles/base.css";
import { language } from "$lib/i18n/language.svelte";
import { theme } from "$lib/theme/theme.svelte";
import { mount } from "svelte";
import App from "./App.svelte";

theme.start();
await language.start({
  en: () => import("$generated/messages/client.en.js"),
  de: () => import("$generated/messages/client.de.js"),
});
mount(App, { target: document.getElementById("app")! });
