// The portal entry: language, theme and who is signed in first, then the first screen.
import "$lib/styles/base.css";
import { language } from "$lib/i18n/language.svelte";
import { theme } from "$lib/theme/theme.svelte";
import { mount } from "svelte";
import { session } from "./account/session.svelte";
import Portal from "./Portal.svelte";

theme.start();
const known = session.load();
await language.start(
  {
    en: () => import("$generated/messages/portal.en.js"),
    de: () => import("$generated/messages/portal.de.js"),
  },
  true,
);
await known;
mount(Portal, { target: document.getElementById("app")! });
