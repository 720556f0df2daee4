// The screens as a person sees them: roles and names, no markup. When the words of a screen change, they change here.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Download, expect, type Locator, type Page } from "@playwright/test";
import type { MailedPage, Server } from "./server.ts";

/** Somebody with an account. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

export type Audience = "prototype" | "private" | "public";

const audiences: Record<Audience, string> = {
  prototype: "Only me",
  private: "Named people",
  public: "Everybody with the link",
};

/** The portal, where makers make apps. */
export class Portal {
  constructor(
    readonly page: Page,
    readonly address: string,
  ) {}

  async open(): Promise<this> {
    await this.page.goto(this.address);
    await expect(this.heading(/^(Your spreadsheet, as an app|Hello, .+)$/)).toBeVisible();
    return this;
  }

  /** To a page of the menu, which a narrow window keeps behind a button. */
  async toPlace(name: string): Promise<void> {
    const menu = this.page.getByRole("navigation", { name: /^(Menu|Menü)$/ });
    await expect(menu).toBeVisible();
    const button = menu.getByRole("button");
    if (await button.isVisible()) await button.click();
    await menu.getByRole("link", { name, exact: true }).click();
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole("heading", { level: 1, name });
  }

  get alert(): Locator {
    return this.page.getByRole("alert");
  }

  /** Drops a file on the drop zone, as from a folder beside the window. */
  async drop(path: string): Promise<void> {
    const bytes = (await readFile(path)).toString("base64");
    const transfer = await this.page.evaluateHandle(
      ({ bytes, name }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
        return transfer;
      },
      { bytes, name: basename(path) },
    );
    const zone = this.page.getByText(/^(Drop a workbook here|Let go)$/);
    for (const event of ["dragenter", "dragover", "drop"]) await zone.dispatchEvent(event, { dataTransfer: transfer });
  }

  /** Chooses a file by the control inside the drop zone, the keyboard's way. */
  async choose(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.getByLabel("Drop a workbook here").setInputFiles(file);
  }

  /** The suggestions, best first. */
  get suggestions(): Locator {
    return this.page.getByRole("main").getByRole("article");
  }

  /** Waits for the suggestions and takes the best one; the editor is open then. */
  async useBest(): Promise<void> {
    await expect(this.heading(/suggestions? for your workbook/)).toBeVisible();
    await this.suggestions.first().getByRole("button", { name: "Use this" }).click();
    await expect(this.heading(/^Adjust /)).toBeVisible();
  }

  /** The app in the editor's phone. */
  get preview(): App {
    return new App(this.page.getByTitle("Preview of the app").contentFrame().locator("body"), this.page);
  }

  async toPublish(): Promise<void> {
    await this.page.getByRole("button", { name: "Publish …" }).click();
    await expect(this.heading("Publish")).toBeVisible();
  }

  async chooseAudience(audience: Audience, people: string[] = []): Promise<void> {
    await this.page.getByRole("radio", { name: audiences[audience] }).check();
    for (const email of people) {
      await this.page.getByLabel("Add people").fill(email);
      await this.page.getByRole("button", { name: "Add", exact: true }).click();
    }
  }

  /** Publishes and gives the app's link. Who has no account yet makes one on the way. */
  async publish(person: Person): Promise<string> {
    await this.page.getByRole("button", { name: "Publish the app" }).click();
    const published = this.heading(/is published$/);
    const dialog = this.page.getByRole("dialog");
    await expect(published.or(dialog)).toBeVisible();
    if (await dialog.isVisible()) await this.fillAccount(dialog, person);
    await expect(published).toBeVisible();
    return this.link.inputValue();
  }

  /** Fills in the form for a new account and sends it. */
  async fillAccount(form: Locator, { name, email, password }: Person): Promise<void> {
    await form.getByLabel("Your name").fill(name);
    await form.getByLabel("E-mail address").fill(email);
    await form.getByLabel("Password").fill(password);
    await form.getByRole("button", { name: "Create account" }).click();
  }

  get link(): Locator {
    return this.page.getByLabel("Link", { exact: true });
  }

  /** Downloads the workbook with the current data. */
  async exportWorkbook(): Promise<string> {
    return saved(this.page, this.page.getByRole("link", { name: "Workbook (.xlsx)" }));
  }

  /** From one of the portal's samples to the link. */
  async makeSample(name: RegExp, maker: Person, audience: Audience, people: string[] = []): Promise<string> {
    await this.open();
    await this.page.getByRole("button", { name }).click();
    await this.useBest();
    await this.toPublish();
    await this.chooseAudience(audience, people);
    return this.publish(maker);
  }

  /** From the file to the link: the maker's whole way. */
  async make(path: string, maker: Person, audience: Audience, people: string[] = []): Promise<string> {
    await this.open();
    await this.drop(path);
    await this.useBest();
    await this.toPublish();
    await this.chooseAudience(audience, people);
    return this.publish(maker);
  }
}

/** A published app, as people use it. */
export class App {
  constructor(
    /** What it fills: the page's body, or that of the preview's frame. */
    readonly body: Locator,
    readonly page: Page,
    private readonly server?: Server,
  ) {}

  static of(page: Page, server?: Server): App {
    return new App(page.locator("body"), page, server);
  }

  get heading(): Locator {
    return this.body.getByRole("heading", { level: 1 });
  }

  /** An entry by its label. */
  entry(label: string): Locator {
    return this.body.getByLabel(label, { exact: true });
  }

  /** Types a value over the one that is there, key by key, and leaves the entry. */
  async enter(label: string, value: string): Promise<void> {
    const entry = this.entry(label);
    if ((await entry.evaluate((element) => element.tagName)) === "SELECT") await entry.selectOption(value);
    else {
      await entry.click();
      await entry.press("ControlOrMeta+A");
      await entry.pressSequentially(value);
      await entry.press("Tab");
    }
  }

  /** A figure that is shown beside its label. */
  figure(label: string): Locator {
    return this.body
      .getByRole("term")
      .filter({ hasText: whole(label) })
      .locator("xpath=following-sibling::dd[1]");
  }

  /** Opens another screen of the app. */
  async goTo(screen: string): Promise<void> {
    await this.body.getByRole("navigation").getByRole("link", { name: screen }).click();
    await expect(this.heading).toHaveText(screen);
  }

  async search(words: string): Promise<void> {
    await this.body.getByRole("searchbox").fill(words);
  }

  /** How many rows a list says there are. */
  get count(): Locator {
    return this.body.getByText(/^\s*\d[\d.,]* rows?( found)?/);
  }

  /** A row of a list by what names it. */
  row(title: string): Locator {
    return this.body.getByRole("row").filter({ has: this.body.page().getByRole("link", { name: title, exact: true }) });
  }

  async openRow(title: string): Promise<Locator> {
    await this.body.getByRole("link", { name: title, exact: true }).click();
    return this.sheet;
  }

  /** The sheet with one row: its values, or its form. */
  get sheet(): Locator {
    return this.body.getByRole("dialog");
  }

  async settings(): Promise<Locator> {
    await this.body.getByRole("button", { name: /^(Settings|Einstellungen)$/ }).click();
    return this.body.getByRole("dialog");
  }

  /** Downloads the workbook with the current data, as anybody who may open the app can. */
  async exportWorkbook(): Promise<string> {
    const dialog = await this.settings();
    return saved(this.page, dialog.getByRole("link", { name: "Download as Excel workbook" }));
  }

  /** At the door of an app that is not open to everybody: makes an account, confirms the address and comes back. */
  async createAccount(person: Person): Promise<void> {
    await this.fillAccount(person);
    await expect(this.body.getByText(`Confirm your address first: open the link in the mail to ${person.email}`)).toBeVisible();
    const link = this.server && (await mailedLink(this.server, person.email, "confirm"));
    const mail = await this.page.context().newPage();
    await mail.goto(link ?? "");
    await mail.getByRole("button", { name: "Confirm the address" }).click();
    await expect(mail.getByText(`${person.email} is confirmed.`)).toBeVisible();
    await mail.close();
    await this.body.getByRole("button", { name: "Try again" }).click();
  }

  /** Fills in the form for a new account and sends it. */
  private async fillAccount({ name, email, password }: Person): Promise<void> {
    await this.body.getByRole("button", { name: "Create an account" }).click();
    await this.body.getByLabel("E-mail address").fill(email);
    await this.body.getByLabel("Your name").fill(name);
    await this.body.getByLabel("Password").fill(password);
    await this.body.getByRole("button", { name: "Create an account" }).click();
  }
}

/** The newest link mailed to somebody that leads to this page, once it is there. */
export async function mailedLink(server: Server, email: string, page: MailedPage): Promise<string> {
  let link: string | undefined;
  const look = async () => (link = await server.mailed(email, page));
  await expect.poll(look, { message: `a mail to ${email} with a link to ${page}` }).toBeDefined();
  return link ?? "";
}

/** The number in a text, as English or German writes it: `1,234.50 EUR`, `1.234,50 €`, `5 %`. */
export function amount(text: string | null, language: "en" | "de" = "en"): number {
  const plain = (text ?? "").replace(/[^\d.,-]/g, "");
  return Number(language === "en" ? plain.replaceAll(",", "") : plain.replaceAll(".", "").replace(",", "."));
}

/** Text that is this and nothing more. */
function whole(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}\\s*$`);
}

async function saved(page: Page, link: Locator): Promise<string> {
  const [download]: [Download, void] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return download.path();
}
