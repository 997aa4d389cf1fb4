/**
 * The Chromium of an npm package, for tests and for README's picture: unpacked once a version, with the libraries and the
 * font that it brings, so that it needs nothing of the machine and draws the same everywhere.
 *   node report/chromium.ts     prints how to start it, as JSON
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Launch {
  executablePath: string;
  env: Record<string, string>;
  args: string[];
}

/** What calls its maker's servers is off; it runs as whoever it is started by, in a container too. */
const ARGS = [
  "--no-sandbox",
  "--no-zygote",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--font-render-hinting=none",
];

const PACKAGE = join("node_modules", "@sparticuz", "chromium");
const CACHE = join("node_modules", ".cache", "chromium");

async function unpacked(root: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(root, PACKAGE, "package.json"), "utf8")) as {
    version: string;
  };
  const folder = join(root, CACHE, version);
  if (existsSync(folder)) return folder;
  mkdirSync(join(root, CACHE), { recursive: true });
  const own = mkdtempSync(`${folder}-`);
  // The package unpacks into the folder for temporary files.
  process.env.TMPDIR = own;
  const { default: chromium, inflate } = await import("@sparticuz/chromium");
  chromium.setGraphicsMode = false;
  await chromium.executablePath();
  await inflate(join(root, PACKAGE, "bin", "al2023.tar.br"));
  writeFileSync(
    join(own, "fonts.conf"),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>\n`,
  );
  try {
    renameSync(own, folder);
  } catch (error) {
    // Another process was quicker.
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The package brings Chromium for Linux on x64 only. CHROMIUM=<path> names one of another machine. */
export async function chromiumLaunch(root: string): Promise<Launch> {
  const own = process.env.CHROMIUM;
  if (own) return { executablePath: own, env: {}, args: ARGS };
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(
      `No Chromium for ${process.platform} on ${process.arch} comes with the packages: name an installed one by CHROMIUM=<path>`,
    );
  const folder = await unpacked(root);
  return {
    executablePath: join(folder, "chromium"),
    env: {
      HOME: folder,
      LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
    args: ARGS,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  console.log(JSON.stringify(await chromiumLaunch(join(import.meta.dirname, ".."))));
