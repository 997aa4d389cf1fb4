/** Loaded into a program that knows nothing of its parent (node --import): it ends when the one that started it is gone. */
import { watchParent } from "../parent.ts";

watchParent(() => process.exit(1));
