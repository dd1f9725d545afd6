// A command, for jco componentize.

import { getArguments, getEnvironment } from "wasi:cli/environment@0.2.4";
import { now } from "wasi:clocks/wall-clock@0.2.4";
import { getDirectories } from "wasi:filesystem/preopens@0.2.4";

function readFile(dir, path) {
  const file = dir.openAt({}, path, {}, { read: true });
  const [bytes] = file.read(1000n, 0n);
  return new TextDecoder().decode(bytes);
}

export const run = {
  run() {
    console.log("arguments:", JSON.stringify(getArguments()));
    console.log("environment:", JSON.stringify(getEnvironment()));
    console.log("this century:", now().seconds > 946684800n);
    for (const [dir, name] of getDirectories()) {
      console.log(name, "has note.txt:", readFile(dir, "note.txt").trim());
      try {
        readFile(dir, "../secret.txt");
      } catch (e) {
        console.log("and not ../secret.txt:", e.payload ?? e);
      }
    }
    console.error("to stderr");
  },
};
