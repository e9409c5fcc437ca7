/** When the requests of the open loop are due. */
export interface RatePlan {
  readonly perSecond: number;
  readonly spacing: Spacing;
}

export type Spacing = "poisson" | "even";
