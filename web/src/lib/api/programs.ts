// Programs that act for people.
import { askJson, path } from "./http";
import type { Program, ProgramQuestion } from "./types";

type Parameters = [string, string][];

/** Who asks for what, by the parameters the program sent the person with. */
export const askProgram = (parameters: Parameters) =>
  askJson<ProgramQuestion>("POST", "/api/oauth/question", { body: { parameters } });

/** What the person says; where to go on. */
export const answerProgram = (parameters: Parameters, allow: boolean) =>
  askJson<{ location: string }>("POST", "/api/oauth/answer", { body: { parameters, allow } });

/** The programs that may ask, for administrators. */
export const listPrograms = () => askJson<Program[]>("GET", "/api/programs");

export const addProgram = (name: string, redirects: string[]) =>
  askJson<Program>("POST", "/api/programs", { body: { name, redirects } });

/** Ends all that the program was let into. */
export const removeProgram = (id: string) => askJson<void>("DELETE", path`/api/programs/${id}`);
