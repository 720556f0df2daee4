// Who is signed in.
import { createAccount, getSession, signIn, signOut } from "$lib/api/session";
import type { Account, Session } from "$lib/api/types";

class SessionState {
  account = $state.raw<Account | null>(null);
  /** Nobody has an account here yet: the first one owns the server. */
  firstRun = $state.raw(false);
  /** The password was right, and one of these is waited for. */
  ways = $state.raw<string[] | undefined>();
  /** What is asked for here and was not shown: `any` or `passkey`. */
  needs = $state.raw<string | undefined>();
  /** What people call the workspace, where somebody belongs to it and it has a name. */
  workspace = $state.raw<string | undefined>();

  /** The session ended while somebody was at work: they are asked to sign in where they are. */
  ended = $state(false);

  /** Something was refused for want of a session: whether there is none any more. */
  async check(): Promise<void> {
    if (!this.account || this.ended) return;
    try {
      this.ended = (await getSession()).account === null;
    } catch {
      // No connection: nothing is known.
    }
  }

  /** Whether they signed in elsewhere meanwhile, in another tab: then it goes on here. */
  async again(): Promise<void> {
    if (!this.ended) return;
    try {
      const answer = await getSession();
      if (answer.account) this.take(answer);
    } catch {
      // No connection: it stays ended.
    }
  }

  /** Asks the server; without an answer nobody is signed in. */
  async load(): Promise<void> {
    try {
      this.take(await getSession());
    } catch {
      this.account = null;
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.take(await signIn(email, password));
  }

  async createAccount(email: string, name: string, password: string, invitation?: string): Promise<void> {
    this.take(await createAccount(email, name, password, invitation));
  }

  async signOut(): Promise<void> {
    await signOut();
    this.account = null;
    this.ended = this.firstRun = false;
    this.ways = this.needs = this.workspace = undefined;
  }

  /** Takes an answer that says who is signed in. */
  take(answer: Session): void {
    // Half-way in: whose page stays behind the question is not known to be gone, and who comes is not known yet.
    if (this.ended && answer.secondStep) {
      this.ways = answer.secondStep.ways;
      return;
    }
    // What is shown and typed is somebody else's.
    const other = this.ended && answer.account && answer.account.id !== this.account?.id;
    this.ended = false;
    this.account = answer.account;
    this.firstRun = answer.firstRun;
    this.ways = answer.secondStep?.ways;
    this.needs = answer.needs;
    this.workspace = answer.workspace;
    if (other) location.reload();
  }

  /** Nobody is signed in any more, and nobody wants to be. */
  forget(): void {
    this.account = null;
    this.ended = false;
    this.leave();
  }

  /** Nothing is waited for any more. */
  leave(): void {
    this.ways = undefined;
  }
}

export const session = new SessionState();
