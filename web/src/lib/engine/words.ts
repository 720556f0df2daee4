// What the engine could not do, in the person's language. Its own words are for those who look for the cause.
import { m } from "../i18n/m";
import type { EngineError } from "./error";

export function engineWords({ code, place }: EngineError): string {
  const text = plain(code);
  return place ? `${text} (${place})` : text;
}

function plain(code: string): string {
  switch (code) {
    case "notLoaded":
      return m.engine_not_loaded();
    case "fileEmpty":
    case "fileKind":
    case "fileProtected":
    case "fileDamaged":
    case "fileTooLarge":
    case "fileRefused":
      return m.engine_file();
    case "limitReached":
      return m.engine_limit();
    case "unreadableFormula":
      return m.engine_formula();
    case "crashed":
    case "stopped":
    case "internal":
      return m.engine_stopped();
    default:
      return m.error_unexpected();
  }
}
