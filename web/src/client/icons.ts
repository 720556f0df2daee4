// Icons of the app's set that the client's own controls use.
import { appIcons } from "$lib/icons/app";

export const gear = appIcons["gear"] ?? "";
