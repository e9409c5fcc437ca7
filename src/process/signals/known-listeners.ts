/** A package that is known to listen for signals, and what turns that off. */
export interface Known {
  /** The package's name, whole. */
  readonly package: RegExp;
  /** What the listener's source has, for one that was registered before `lastcall()`: its place is not known. */
  readonly source?: RegExp;
  /** What users call it. */
  readonly name: string;
  /** Completes "to turn it off, …". */
  readonly off: string;
  /** It does nothing as long as others listen too. */
  readonly isPassive?: true;
  /** A launcher waits to hear from it that the signal has come, and kills the process otherwise. */
  readonly isAwaited?: true;
}

/**
 * The switches of frameworks and tools that listen for signals themselves; `docs/signals.md` has the table. Read from
 * their sources: Apollo Server 5, Nest 11 and 12, Next 16, Nitro 2, Puppeteer 24, Playwright 1.6, OpenTelemetry's
 * auto-instrumentations 0.7, Sentry 10, PM2 7, tsx 4.
 */
export const KNOWN: readonly Known[] = [
  {
    package: /^@apollo\/server$/,
    source: /stop\(\) threw during/,
    name: "Apollo Server",
    off: "pass `stopOnTerminationSignals: false`, and stop it in a hook",
  },
  {
    package: /^@nestjs\/core$/,
    source: /ERROR_DURING_SHUTDOWN/,
    name: "Nest's `enableShutdownHooks()`",
    off: "leave the call out and use `attachNest()` of `lastcall/nest`",
  },
  {
    package: /^next$/,
    source: /cleanupListeners/,
    name: "Next",
    off: "set NEXT_MANUAL_SIG_HANDLE=true",
  },
  {
    package: /^(nitropack|nitro|nuxt)$/,
    name: "Nitro",
    off: "set NITRO_SHUTDOWN_DISABLED=true",
  },
  {
    package: /^(puppeteer|puppeteer-core|@puppeteer\/browsers)$/,
    source: /processListeners\.get/,
    name: "Puppeteer",
    off: "launch with `handleSIGTERM: false, handleSIGINT: false, handleSIGHUP: false`, and close the browser in a hook",
  },
  {
    package: /^(playwright|playwright-core)$/,
    source: /gracefullyCloseAll/,
    name: "Playwright",
    off: "launch with `handleSIGTERM: false, handleSIGINT: false, handleSIGHUP: false`, and close the browser in a hook",
  },
  {
    package: /^@opentelemetry\/auto-instrumentations-node$/,
    source: /Error terminating OpenTelemetry SDK/,
    name: "OpenTelemetry's register",
    off: "start the NodeSDK yourself, and shut it down in a hook",
  },
  {
    package: /^@sentry\//,
    source: /keepAliveClient/,
    name: "Sentry on Vercel",
    off: "nothing: it only flushes",
  },
  {
    package: /^(pm2|@pm2\/.*)$/,
    name: "PM2",
    off: "run the program by `node` and not inside `pm2-runtime`'s own process",
  },
  {
    package: /^signal-exit$/,
    source: /listeners\.length === (count|emitter\.count)/,
    name: "signal-exit",
    off: "nothing: it ends a process in which nothing else listens, and no other",
    isPassive: true,
  },
  {
    package: /^tsx$/,
    source: /listenerCount\(\w+\) *===? *0 *&& *process\.exit\(128/,
    name: "tsx",
    off: "nothing: it tells tsx's own process that the signal has come",
    isPassive: true,
    isAwaited: true,
  },
  {
    package: /^(exit-hook|async-exit-hook|node-cleanup|death)$/,
    name: "a hook that ends the process at once",
    off: "make what it does a hook of lastcall",
  },
  {
    package:
      /^(terminus|@godaddy\/terminus|http-graceful-shutdown|close-with-grace|stoppable|lightship)$/,
    name: "another library for the same purpose",
    off: "remove it: one stop has one owner",
  },
];

/** What is known of a listener, by its package or, without a place, by its source. */
export function findKnown(packageName: string | undefined, source: string): Known | undefined {
  if (packageName !== undefined) return KNOWN.find((each) => each.package.test(packageName));
  return KNOWN.find((each) => each.source?.test(source));
}
