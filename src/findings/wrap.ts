/**
 * Breaks a text into lines of at most so many columns. Lines after the first begin with `hang`
 * spaces. A word that is longer than a line stands on its own. Without a width nothing is broken.
 */
export function wrap(text: string, width: number | undefined, hang: number): string {
  if (width === undefined || text.length <= width) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > width && line.trim() !== "") {
      lines.push(line);
      line = " ".repeat(hang) + word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}
