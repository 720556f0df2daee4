import { expect, test } from "vitest";
import { ApiError } from "../api/http";
import { Refused, told } from "./prove";

test.each([
  [{ status: 401, code: "checkpointDenied", detail: "no", triesLeft: 2 }, "proof"],
  [{ status: 401, code: "checkpointDenied", detail: "no", triesLeft: 0 }, "over"],
  [{ status: 422, code: "wrongUsername", detail: "no" }, "username"],
  [{ status: 403, code: "pinDisabled", detail: "no" }, "pin"],
  [{ status: 410, code: "checkpointOver", detail: "no" }, "over"],
  [{ status: 404, code: "notFound", detail: "no" }, "over"],
  [{ status: 403, code: "SECURITY_CHECKPOINT_REQUIRED", detail: "no" }, "changed"],
  [{ status: 429, code: "tooManyTries", detail: "wait" }, "other"],
])("%j is about %j", (problem, about) => {
  const refused = told(new ApiError(problem));
  expect(refused).toBeInstanceOf(Refused);
  expect((refused as Refused).about).toBe(about);
});

test.each([new ApiError({ status: 0, code: "offline" }), new ApiError({ status: 500 }), new Error("else")])(
  "%s stays what it is",
  (error) => expect(told(error)).toBe(error),
);
