// The app's state, given to every component beneath the shell.
import { createContext } from "svelte";
import type { AppState } from "./state.svelte";

export const [getApp, setApp] = createContext<AppState>();
