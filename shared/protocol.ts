/** Raised whenever a client written for the previous number could be misled. A test pins the contract's hash to it. */
export const PROTOCOL = 1;
