/**
 * Loaded before a server (node --import): as long as the file FULL_DISK_WHILE is there, the disk is full. Of what is
 * written, the first half arrives, as on a disk that fills up in the middle of a write.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const flag = process.env.FULL_DISK_WHILE as string;
const isFull = () => fs.existsSync(flag);
const noSpace = () => Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

const { writeFileSync } = fs;
const half = (data: unknown) => String(data).slice(0, Math.floor(String(data).length / 2));

// fs.appendFileSync writes by it as well.
fs.writeFileSync = (file, data, options) => {
  if (!isFull()) return writeFileSync(file, data, options);
  writeFileSync(file, half(data), options);
  throw noSpace();
};
const { writeFile } = fs.promises;
fs.promises.writeFile = (async (file: string, data: unknown, options?: object) => {
  if (!isFull()) return await writeFile(file, data as string, options);
  await writeFile(file, half(data), options);
  throw noSpace();
}) as typeof writeFile;
syncBuiltinESMExports();
