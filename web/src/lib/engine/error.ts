// What the engine refuses or cannot do.

export class EngineError extends Error {
  readonly code: string;
  /** The sheet, cell or part of the file it concerns. */
  readonly place: string | undefined;

  constructor(failure: { code: string; message: string; place?: string }) {
    super(failure.message);
    this.code = failure.code;
    this.place = failure.place;
  }
}
