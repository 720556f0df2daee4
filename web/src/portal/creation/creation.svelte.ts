// The app in the making: the server's creation, the bytes of the workbook, the definition as edited.
// Invariant: every change is remembered for this tab, so that a reload or a sign-in loses nothing.
import { ask, askJson, path } from "$lib/api/http";
import type { AppDefinition, Creation, Proposal } from "$lib/api/types";
import { begin, reduce, type Action, type EditorState } from "../editor/state/history";
import { upload } from "../home/upload";
import { outlineOf, type Outline } from "../workbook";
import { restore, store, type Saved } from "./saved";

function tabStorage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

class CreationState {
  current = $state.raw<Creation | undefined>();
  /** What this tab remembers; the server may have forgotten it. */
  saved = $state.raw<Saved | undefined>(restore(tabStorage()));
  editor = $state.raw<EditorState | undefined>();
  refused = $state.raw<readonly string[]>([]);
  #bytes: ArrayBuffer | undefined;

  outline: Outline = $derived(
    this.current ? outlineOf(this.current.outline) : { sheets: [], names: [], tables: [] },
  );
  suggestions: readonly Proposal[] = $derived(this.current?.proposals ?? []);

  /** Takes up what an upload gave. A replaced workbook comes with the app's own definition, rebound. */
  async begin(creation: Creation, body: Blob | null, same = false): Promise<void> {
    const { rebound: _, ...unchanged } = creation;
    // Nothing is to be told of bindings when the workbook is the app's own.
    this.current = same ? unchanged : creation;
    this.refused = [];
    this.#bytes = body ? await body.arrayBuffer() : undefined;
    this.editor = creation.rebound ? begin(creation.rebound.definition) : undefined;
    this.#remember();
  }

  /** Continues after a reload; fails when the server no longer has it. */
  async resume(): Promise<void> {
    if (this.current || !this.saved) return;
    const { token, definition, refused } = this.saved;
    const creation = await askJson<Creation>("GET", path`/api/creations/${token}`);
    this.current = creation;
    this.refused = refused ?? [];
    this.editor = definition ? begin(definition) : undefined;
  }

  /** The workbook, a copy each time since engines take theirs away. */
  async bytes(): Promise<ArrayBuffer> {
    if (!this.#bytes) {
      const response = await ask("GET", path`/api/creations/${this.current?.token ?? ""}/workbook`);
      this.#bytes = await response.arrayBuffer();
    }
    return this.#bytes.slice(0);
  }

  /** Uploads the workbook again when the server has forgotten it meanwhile; false when this page no longer has it. */
  async renew(): Promise<boolean> {
    const before = this.current;
    if (!before || !this.#bytes) return false;
    const to = before.replaces ? path`/api/apps/${before.replaces}/creation` : "/api/creations";
    const { rebound: _, ...fresh } = await upload(
      to,
      new Blob([this.#bytes]),
      before.fileName,
      () => undefined,
    ).creation;
    this.current = { ...fresh, proposals: before.proposals };
    this.#remember();
    return true;
  }

  /** Begins editing a suggestion; going back to the one being edited keeps the edits. */
  choose(proposal: Proposal): void {
    this.editor = begin(proposal.definition);
    this.#remember();
  }

  refuse(id: string): void {
    this.refused = [...this.refused, id];
    this.#remember();
  }

  restore(id: string): void {
    this.refused = this.refused.filter((one) => one !== id);
    this.#remember();
  }

  act(action: Action): void {
    if (!this.editor) return;
    this.editor = reduce(this.editor, action);
    if (action.type !== "select") this.#remember();
  }

  /** Edits the definition; edits with the same `merge` in a row are one step to undo. */
  edit(change: (definition: AppDefinition) => AppDefinition, merge?: string): void {
    if (!this.editor) return;
    const definition = change(this.editor.definition);
    this.act({ type: "edit", definition, ...(merge === undefined ? {} : { merge }) });
  }

  /** Forgets it here; what the server has expires by itself, and is asked to go at once. */
  discard(): void {
    const token = this.current?.token ?? this.saved?.token;
    this.finish();
    if (token) void ask("DELETE", path`/api/creations/${token}`, { expect: [404] }).catch(() => undefined);
  }

  /** It has been published. */
  finish(): void {
    this.current = undefined;
    this.editor = undefined;
    this.refused = [];
    this.#bytes = undefined;
    this.saved = undefined;
    store(tabStorage(), undefined);
  }

  #remember(): void {
    if (!this.current) return;
    const { token, fileName } = this.current;
    this.saved = { token, fileName, definition: this.editor?.definition, refused: [...this.refused] };
    store(tabStorage(), this.saved);
  }
}

export const creation = new CreationState();
