/** A path from a folder, both from the root and with `/`, without `.` and `..`. What leads out of the root ends at it. */
export function joinPaths(folder: string, file: string): string {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of file.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

/** The folder of a file; empty for one in the root. */
export function folderOf(file: string): string {
  return file.split("/").slice(0, -1).join("/");
}
