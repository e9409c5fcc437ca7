// @ts-check

const WORDS = {
  starting: "starts",
  loading: "under load",
  signalled: "told to stop, still under load",
  exited: "has gone",
};

/**
 * One line that is written over and over, where somebody can see it: on a terminal.
 *
 * @param {NodeJS.WriteStream} stream
 */
export function createProgress(stream) {
  const write = (/** @type {string} */ text) => {
    if (stream.isTTY) stream.write(`\r\u001B[K${text}`);
  };
  return {
    /**
     * @param {string} file
     * @param {import("#src/prove/index.js").ProveProgress} event
     */
    show(file, { phase, load }) {
      const counts = load === null ? "" : `  ${load.ended} requests ended, ${load.lost} dropped`;
      write(`${file}: ${WORDS[phase]}${counts}`);
    },
    clear() {
      write("");
    },
  };
}
