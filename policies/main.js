// The engine's runner hooks `require` of .ts files with a compiler of its own; an `import` goes past it to Node,
// which strips the types itself.
import "./index.ts";
