type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What stands in the place of a method: it is given the call's arguments, and what passes them on. */
export type Passing = (args: unknown[], passOn: () => unknown) => unknown;

/**
 * Puts functions of ours in the place of an object's methods. Returns the function that takes them back: where other code has put
 * its own above one of them since, that one stays below, and only passes on.
 */
export function replaceMethods(
  object: object,
  ours: Readonly<Record<string, Passing>>,
): () => void {
  const methods = object as Record<string, Method>;
  const restores = Object.entries(ours).map(([name, passing]) => {
    const before = Object.getOwnPropertyDescriptor(object, name);
    const method = methods[name]!;
    let isOver = false;
    const own: Method = function (...args) {
      const passOn = (): unknown => Reflect.apply(method, this, args);
      return isOver ? passOn() : passing(args, passOn);
    };
    methods[name] = own;
    return (): void => {
      isOver = true;
      if (methods[name] !== own) return;
      if (before === undefined) delete methods[name];
      else Object.defineProperty(object, name, before);
    };
  });
  return () => {
    for (const restore of restores) restore();
  };
}
