/** Nominal types: a checked value keeps the name of the check in its type, and only the module that checks makes one. */
declare const brand: unique symbol;

/** `Base`, marked so that no other `Base` is accepted in its place. Exists in types alone; costs nothing at run time. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
