/** Why a service could not be inspected. It ends in the result, as a fault. */
export class NotInspectedError extends Error {
  constructor(what: string) {
    super(`inspect: ${what}`);
    this.name = "NotInspectedError";
  }
}
