// node age.mjs open IDENTITY < file.age > plaintext
// node age.mjs seal RECIPIENT < plaintext > file.age
import { Decrypter, Encrypter } from "age-encryption";
import { readFileSync } from "node:fs";

const [mode, key] = process.argv.slice(2);
const input = new Uint8Array(readFileSync(0));
let output;
if (mode === "open") {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  output = await decrypter.decrypt(input, "uint8array");
} else if (mode === "seal") {
  const encrypter = new Encrypter();
  encrypter.addRecipient(key);
  output = await encrypter.encrypt(input);
} else {
  throw new Error("open or seal");
}
process.stdout.write(output);
