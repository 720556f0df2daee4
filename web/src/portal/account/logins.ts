// Sign-ins in words.
import type { LoginEvent } from "$lib/api/types";
import { m } from "../m";

/** How somebody signed in. */
export const methods: Record<LoginEvent["method"], () => string> = {
  signUp: m.login_by_signUp,
  password: m.login_by_password,
  oneTimeCode: m.login_by_oneTimeCode,
  recoveryCode: m.login_by_recoveryCode,
  passkey: m.login_by_passkey,
  company: m.login_by_company,
  reset: m.login_by_reset,
  change: m.login_by_change,
  apiKey: m.login_by_apiKey,
  program: m.login_by_program,
};

/** What came of it. */
export const results: Record<LoginEvent["result"], () => string> = {
  done: m.login_done,
  newBrowser: m.login_newBrowser,
  half: m.login_half,
  wrong: m.login_wrong,
  slowed: m.login_slowed,
  ended: m.login_ended,
};
