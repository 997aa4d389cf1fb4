interface Waiting {
  bytes: number;
  start: () => void;
}

/** Shares a number of bytes among statements, first come, first served. More than there is goes through alone. */
export class ByteLimit {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits for room and takes it; the function it answers gives it back. */
  async take(bytes: number, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#fits(bytes)) this.#taken += bytes;
    else await this.#turn(bytes, signal);
    let given = false;
    return () => {
      if (!given) this.#give(bytes);
      given = true;
    };
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#limit;
  }

  #turn(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        bytes,
        start: () => {
          signal?.removeEventListener("abort", abandon);
          resolve();
        },
      };
      const abandon = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#startThoseThatFit();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abandon, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #give(bytes: number): void {
    this.#taken -= bytes;
    this.#startThoseThatFit();
  }

  #startThoseThatFit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.start();
    }
  }
}
