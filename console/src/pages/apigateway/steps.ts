/** One change, as a person reads it and as it is made. */
export interface Step {
  what: string;
  do: () => Promise<void>;
}
