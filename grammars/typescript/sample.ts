// A comment.
import type { Base } from "./base";

export interface Twist<T> {
  turns: number;
  twist(count: T): void;
}

type Lay = "left" | 'right';

enum Fibre {
  Hemp,
  Jute = 2,
}

namespace Yard {
  export abstract class Rope extends Base implements Twist<Lay> {
    private name: string = `rope ${Fibre.Hemp} long`;

    constructor(readonly count: number) {
      super();
    }

    twist(count: Lay): void {
      /* block $0*/
      this.helper(count);
    }

    abstract turn(): void;
  }
}

export const make = async (count: number): Promise<Yard.Rope> => {
  return new Rope(count);
};

declare function outside(text: string): void;

function main() {
  make(3);
}
